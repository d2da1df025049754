"""Feeds, sitemaps and lists: bytes to links, and which links are worth following."""
