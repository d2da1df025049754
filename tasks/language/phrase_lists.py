"""The word lists of a language: which words are of which token class."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schemas.errors import StopFlow
from tasks.language.folding import fold
from tasks.language.lexicon import Case, Phrase
from tasks.language.rule_files import RULE_FILES
from tasks.seed_files import SeedTable, read_seed_file

__all__ = ["read_phrases"]

_NO_LISTS = frozenset({"pack.toml", "boilerplate.toml", "frames.toml", *RULE_FILES})
"""Files of a language's folder that hold no words for the lexicon."""


class _EntryRow(SeedTable):
    token_class: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]+$")]
    value: str = ""
    forms: Annotated[tuple[str, ...], Field(min_length=1)]
    cased: bool = False
    small: bool = False
    """The forms are meant in small letters only; with a capital they are of another class ("anh", "Anh")."""
    example: str


class _ListFile(SeedTable):
    case: Case = "any"
    entry: tuple[_EntryRow, ...]


def read_phrases(folder: Path) -> tuple[Phrase, ...]:
    """Read all phrases of a language's lists, in the order of their files' names.

    Args:
        folder: The language's folder.

    Raises:
        StopFlow: A file is not as described, or two entries of different class or value claim the same form.
    """
    claimed: dict[tuple[str, bool], Phrase] = {}
    for phrase, file in _list_phrases(folder):
        first = claimed.setdefault((fold(phrase.form), phrase.case == "small"), phrase)
        if (first.token_class, first.value) != (phrase.token_class, phrase.value):
            raise StopFlow(
                f"{file}: {phrase.form!r} is {phrase.token_class} here and {first.token_class} elsewhere; keep one"
            )
    return tuple(claimed.values())


def _list_phrases(folder: Path) -> Iterator[tuple[Phrase, Path]]:
    for file in sorted(folder.glob("*.toml")):
        if file.name in _NO_LISTS:
            continue
        words = read_seed_file(file, _ListFile)
        for entry in words.entry:
            case: Case = "small" if entry.small else "capital" if entry.cased else words.case
            for form in entry.forms:
                yield Phrase(form, entry.token_class, entry.value, case), file
