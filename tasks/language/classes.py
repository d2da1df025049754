"""The token classes that rules are written in, as ``seeds/token_classes.csv`` lists them, and groups of them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.errors import StopFlow
from seeds import SEEDS

__all__ = ["TokenClass", "load_token_classes", "token_group"]

_FILE = "token_classes.csv"


@dataclass(frozen=True, slots=True)
class TokenClass:
    """One class of tokens, the same in every language."""

    name: str
    made_by: tuple[str, ...]
    """Where tokens of the class come from: ``lexicon``, ``rules``, ``shape``, ``gazetteer``, ``family names``."""
    groups: frozenset[str]
    example: str
    meaning: str


@cache
def load_token_classes(seeds: Path = SEEDS) -> Mapping[str, TokenClass]:
    """Read the list of token classes, by name in the order of the file; once per process.

    Raises:
        StopFlow: The file is missing, or lists a class twice.
    """
    file = seeds / _FILE
    try:
        with file.open(encoding="utf-8", newline="") as rows:
            classes = [_read_class(row) for row in csv.DictReader(rows)]
    except OSError as error:
        raise StopFlow(f"{file}: {error.strerror}; rules need the list of token classes") from error
    listed = {each.name: each for each in classes}
    if len(listed) < len(classes):
        raise StopFlow(f"{file}: lists a token class twice; keep one row of each")
    return listed


@cache
def token_group(name: str, seeds: Path = SEEDS) -> frozenset[str]:
    """Return the token classes of a group, such as ``nominal`` or ``auxiliary``.

    Raises:
        StopFlow: No class is in such a group.
    """
    members = frozenset(each.name for each in load_token_classes(seeds).values() if name in each.groups)
    if not members:
        raise StopFlow(f"{seeds / _FILE}: no token class is in the group {name!r}")
    return members


def _read_class(row: Mapping[str, str]) -> TokenClass:
    return TokenClass(
        name=row["token_class"],
        made_by=tuple(row["made_by"].split("|")),
        groups=frozenset(group for group in row["groups"].split("|") if group),
        example=row["example"],
        meaning=row["meaning"],
    )
