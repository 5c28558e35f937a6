"""One module a command; each has a ``command``. They are loaded when their command is called."""
