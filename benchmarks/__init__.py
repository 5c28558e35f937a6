"""Benchmarks: us against peers and against the physical limit, interleaved in the same run.

``python -m benchmarks`` prints a table of ratios and writes JSON; docs/benchmarks.md says how to read it.
"""
