"""The web: polite, bounded, and never led to where a link has no business."""

from tasks.read.web.fetcher import Fetcher

__all__ = ["Fetcher"]
