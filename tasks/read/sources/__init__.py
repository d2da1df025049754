"""Watched sources: the catalogue of outlets, and how each did in a pass."""
