"""Checking a lake's rows and files, and moving broken files out of the way."""
