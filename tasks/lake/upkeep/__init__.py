"""Keeping a lake quick and small: compaction, the index, and the removal of what no longer counts."""
