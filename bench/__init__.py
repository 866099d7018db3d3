"""Benchmarks: ratios between two ways to do the same, measured in one run."""
