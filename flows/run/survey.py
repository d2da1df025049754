"""A first look at what is to be read: how many files there are, and what will be passed over."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["READ_SUFFIXES", "Survey", "survey_paths"]

READ_SUFFIXES = (".txt", ".html", ".htm", ".warc", ".warc.gz")
MOST_NAMES = 200_000
"""Of larger folders the size stays unknown, because looking would take as long as a part of the reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What lies in the named folders, and how many files are named."""

    files: int | None
    """Files that will be read; None if there is an archive, which holds any number of pages, or too much to count."""
    passed_over: dict[str, int]
    """Other files in folders, by suffix, the most frequent first."""


def survey_paths(paths: Iterable[str]) -> Survey:
    """Count the files below folders, and those that are named; sidecars (``.json``) are not counted at all."""
    seen, passed = 0, Counter[str]()
    for name in _list_names(paths):
        if seen + passed.total() >= MOST_NAMES:
            return Survey(files=None, passed_over={})
        if not name.endswith(READ_SUFFIXES):
            passed[Path(name).suffix or "no suffix"] += 1
        elif ".warc" in name:
            return Survey(files=None, passed_over={})
        else:
            seen += 1
    return Survey(files=seen, passed_over=dict(passed.most_common()))


def _list_names(paths: Iterable[str]) -> Iterable[str]:
    """Yield the names of files, in lower case; a file that is named itself counts whatever its suffix is."""
    for path in paths:
        if not Path(path).is_dir():
            yield path.lower() if path.lower().endswith(READ_SUFFIXES) else "named.txt"
            continue
        for _folder, _folders, names in os.walk(path):
            yield from (name.lower() for name in names if not name.startswith(".") and not name.endswith(".json"))
