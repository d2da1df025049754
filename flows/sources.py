"""Watched sources from the command line. Nothing here opens a socket."""

import sys
from collections.abc import Iterator
from pathlib import Path

from flows.formats import Format
from flows.rows import print_rows
from schemas.sources import Source
from tasks.lake import Rows
from tasks.read.sources import SOURCES, load_sources

__all__ = ["list_sources"]

_COLUMNS = ("id", "name", "kind", "language", "country", "feeds", "sitemaps", "checked", "hosts")


def list_sources(*, folder: Path = SOURCES, format: Format = "table") -> None:  # noqa: A002
    """Print the watched sources.

    Args:
        folder: Folder of one's own sources; by default the ones that come with Parley.
        format: How to print: a table for people, one JSON array of objects, or CSV (RFC 4180).
    """
    sources = load_sources(folder)
    print_rows(Rows(_COLUMNS, _rows(sources)), format)
    sys.stdout.flush()
    sys.stderr.write(f"{len(sources)} sources in {folder}\n")


def _rows(sources: tuple[Source, ...]) -> Iterator[tuple[object, ...]]:
    for source in sources:
        feeds, sitemaps = len(source.feeds), len(source.sitemaps)
        about = (source.id, source.name, source.kind, source.language, source.country)
        yield (*about, feeds, sitemaps, source.checked, ", ".join(source.hosts))
