"""Fingerprints: what a value, a piece of code and a file are, as 16 bytes each."""
