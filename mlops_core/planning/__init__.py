"""Decide what must run, and record why: keys, look-ups, verdicts with reasons, plans."""
