"""Locks between processes that die with their holder."""
