"""One module per library: how values of its types are described, or None for "not mine"."""
