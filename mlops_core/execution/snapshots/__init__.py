"""Snapshots: a run with nothing to do is answered without importing the user's modules (docs/caching.md).

``answer`` and what it needs import next to nothing; ``watch`` and ``capture`` serve the normal way.
"""
