"""One module per library: how values of its types are described. Each has ``walk(value)``, None for "not mine"."""
