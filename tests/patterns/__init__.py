"""Tools to find regular expressions that take more than linear time, used by ``tests/test_patterns.py``."""
