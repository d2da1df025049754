"""Quotation marks: which opening mark belongs to which closing one, whatever the glyphs, never an exception."""

import re
from dataclasses import dataclass

__all__ = ["CLOSING_MARKS", "OPENING_MARKS", "Marked", "pair_marks"]

_OPENERS = "“«„"
_CLOSERS = "”»"
_EITHER = '"〝＂'
_SINGLES = {"‘": "’", "'": "'"}
OPENING_MARKS = f"{_OPENERS}{_EITHER}"
"""Marks that can open a quotation, in any language: house style is loose, so no language has its own set."""
CLOSING_MARKS = f"{_CLOSERS}{_EITHER}{''.join(_SINGLES.values())}"
"""Marks that can close a quotation."""
_GLYPHS = re.compile(f"[{_OPENERS}{_CLOSERS}{_EITHER}{''.join(_SINGLES)}]")
_LONGEST_SINGLE = 120
"""A stretch in single marks is a title or a phrase; what is longer is two apostrophes."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch in quotation marks: ``outer`` with them, ``inner`` without, as half-open code-point ranges."""

    outer_start: int
    inner_start: int
    inner_end: int
    outer_end: int


def pair_marks(text: str, start: int, end: int, *, goes_on: bool = False) -> tuple[Marked, ...]:
    """Pair the quotation marks of one paragraph.

    House style is loose: “ may be closed by a straight mark and the other way round, so only direction counts, and
    a straight mark takes its direction from what stands before it. An opening mark that is never closed is
    dropped, unless the next paragraph goes on in quotes (a speech over several paragraphs).

    Args:
        text: The whole text.
        start: First code point of the paragraph.
        end: One past its last code point.
        goes_on: The next paragraph opens with a quotation mark.

    Returns:
        Stretches in reading order; they do not overlap, and marks inside marks belong to the outer stretch. Marks with
        nothing but space between them (“ ”) are none.
    """
    found: list[Marked] = []
    opened: int | None = None
    done = start
    for at in (match.start() for match in _GLYPHS.finditer(text, start, end)):
        if at < done:
            continue
        glyph = text[at]
        if opened is None and _opens(text, at, start, end):
            opened = at
        elif opened is not None and (glyph in _CLOSERS or glyph in _EITHER):
            if glyph in _EITHER and _starts_anew(text, at, end):
                opened = at
            else:
                found.append(Marked(opened, opened + 1, at, at + 1))
                opened = None
        elif opened is None and glyph in _SINGLES and (single := _single(text, at, start, end)):
            found.append(single)
            done = single.outer_end
    if opened is not None and goes_on:
        found.append(Marked(opened, opened + 1, end, end))
    return tuple(mark for mark in found if text[mark.inner_start : mark.inner_end].strip())


def _opens(text: str, at: int, start: int, end: int) -> bool:
    glyph = text[at]
    if glyph in _OPENERS:
        return True
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    return glyph in _EITHER and not after.isspace() and not before.isalnum()


def _starts_anew(text: str, at: int, end: int) -> bool:
    """A straight mark with space before it and a word after it opens: the one before it was never closed."""
    return text[at - 1].isspace() and at + 1 < end and text[at + 1].isalnum()


def _single(text: str, at: int, start: int, end: int) -> Marked | None:
    """A phrase in single marks: not after a letter, closed before something that is no letter."""
    if at > start and text[at - 1].isalnum():
        return None
    close = text.find(_SINGLES[text[at]], at + 2, min(end, at + _LONGEST_SINGLE))
    if close < 0 or (close + 1 < end and text[close + 1].isalnum()):
        return None
    return Marked(at, at + 1, close, close + 1)
