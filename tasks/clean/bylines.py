"""Who wrote it, and which agency it credits, as its by-lines say."""

import re
from collections.abc import Iterable

from tasks.clean.boilerplate import Boilerplate
from tasks.clean.line_shapes import is_name
from tasks.clean.publication_dates import stamp_start
from tasks.language.folding import fold

__all__ = ["find_authors", "find_wire"]

_BRACKETS = re.compile(r"\([^()]*\)?")
_MAX_CREDIT = 300


def find_authors(bylines: Iterable[str], pack: Boilerplate) -> tuple[str, ...]:
    """Find the names in by-lines, in order, each once; may be empty. Agencies, posts and single words are none."""
    names = (name for line in bylines for name in _read_names(line, pack))
    return tuple(dict.fromkeys(names))


def find_wire(bylines: Iterable[str], pack: Boilerplate) -> str | None:
    """Find the first agency that by-lines or the tag before the lead credit; None if they credit none."""
    folded = [fold(line[:_MAX_CREDIT]) for line in bylines]
    return next((wire.name for line in folded for wire in pack.wire if wire.pattern.search(line)), None)


def _read_names(line: str, pack: Boilerplate) -> Iterable[str]:
    unstamped = _BRACKETS.sub("", line[: stamp_start(line, pack)])[:_MAX_CREDIT].strip(" -–—|,")
    for piece in _split_names(unstamped, pack):
        name = _without_opener(piece, pack)
        if " " in name and is_name(name, pack) and not find_wire([name], pack):
            yield name


def _split_names(line: str, pack: Boilerplate) -> list[str]:
    """Return the pieces between joiners, which stand alone ("A và B") or end a word ("A, B")."""
    pieces: list[list[str]] = [[]]
    for word in line.split():
        bare = word.rstrip(",;")
        if bare.lower() not in pack.name_joiners and bare:
            pieces[-1].append(bare)
        if bare != word or bare.lower() in pack.name_joiners:
            pieces.append([])
    return [" ".join(piece) for piece in pieces]


def _without_opener(piece: str, pack: Boilerplate) -> str:
    folded = fold(piece)
    opener = next((opener for opener in pack.byline_openers if folded.startswith(f"{opener} ")), "")
    return piece[len(opener) :].strip()
