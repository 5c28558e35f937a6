"""Inputs nobody declared: what a step was seen to read, list, probe and write while it ran."""
