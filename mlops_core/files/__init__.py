"""Writing files so that they are whole or absent, and telling whether a file changed."""
