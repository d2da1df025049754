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
_SINGLE_GLYPHS = re.compile(f"[{''.join(_SINGLES)}{''.join(_SINGLES.values())}]")
_STOPS = ",.!?…"
_LONGEST_SINGLE = 120
"""Code points of a title or phrase in single marks; what is longer is two apostrophes."""
_LONGEST_SINGLE_SPEECH = 600
"""Code points in single marks that a comma or full stop ends."""


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
        if opened is None and _opens_quotation(text, at, start, end):
            opened = at
        elif opened is not None and (glyph in _CLOSERS or glyph in _EITHER):
            if glyph in _EITHER and _starts_anew(text, at, end):
                opened = at
            else:
                found.append(Marked(opened, opened + 1, at, at + 1))
                opened = None
        elif opened is None and glyph in _SINGLES and (single := _read_single(text, at, start, end)):
            found.append(single)
            done = single.outer_end
    if opened is not None and goes_on:
        found.append(Marked(opened, opened + 1, end, end))
    return tuple(mark for mark in found if text[mark.inner_start : mark.inner_end].strip())


def _opens_quotation(text: str, at: int, start: int, end: int) -> bool:
    glyph = text[at]
    if glyph in _OPENERS:
        return True
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    return glyph in _EITHER and not after.isspace() and not before.isalnum()


def _starts_anew(text: str, at: int, end: int) -> bool:
    """Return True for a straight mark between a space and a word: it opens, for the one before was never closed."""
    return text[at - 1].isspace() and at + 1 < end and text[at + 1].isalnum()


def _read_single(text: str, at: int, start: int, end: int) -> Marked | None:
    """Return the phrase or speech that a single mark opens; None if the mark is an apostrophe.

    It opens before a letter and not after one; apostrophes inside ("‘We’ll come,’ he said") do not close it.
    """
    is_inside_word = at > start and text[at - 1].isalnum()
    if is_inside_word or text[at + 1 : at + 2].isspace() or text[at + 1 : at + 2].isdigit():
        return None
    close = _find_single_close(text, at, end)
    return Marked(at, at + 1, close, close + 1) if close is not None else None


def _find_single_close(text: str, at: int, end: int) -> int | None:
    """Return where a single mark is closed; None if it is not, or another one opens before.

    A mark behind a comma or full stop closes even a long speech. One behind a letter closes a short phrase, unless
    such a one follows: then it is the apostrophe of a plural ("‘The farmers’ bridge is old,’ he said").
    """
    closer = _SINGLES[text[at]]
    phrase_end: int | None = None
    for match in _SINGLE_GLYPHS.finditer(text, at + 2, min(end, at + _LONGEST_SINGLE_SPEECH)):
        close = match.start()
        before, after = text[close - 1], text[close + 1] if close + 1 < end else " "
        if before.isspace() and not after.isspace():
            break
        if text[close] != closer or before.isspace() or after.isalnum():
            continue
        if before in _STOPS:
            return close
        if phrase_end is None and close - at <= _LONGEST_SINGLE:
            phrase_end = close
    return phrase_end
