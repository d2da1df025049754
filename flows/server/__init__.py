"""Prefect's server: find it, start it, ask it."""
