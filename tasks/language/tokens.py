"""Words and marks of a text, each with a shape class."""

import re
from functools import lru_cache

from tasks.language.folding import fold

__all__ = ["WORD", "Word", "shape_words"]

WORD = re.compile(
    r"""
      \d+(?:[.,/:\-–]\d+)*                # 4,5   2/3   24/2/2022   13/12-14/12   1.500
    | \w+(?:['’]\w+|\.(?=\w\.)\w)*        # O'Brien   U.S
    | [^\w\s]
    """,
    re.VERBOSE,
)
Word = tuple[str, int, int, str]
"""A word or mark: its class, its first code point, one past its last, and its letters folded.

A plain tuple, because half of them never become a token: the lexicon makes one of several.
"""
_LONGEST_REMEMBERED = 40
"""Code points; in a script without spaces, a piece is a whole paragraph."""
_NUMBER_SHAPES = (
    ("DMY", re.compile(r"\d{1,2}([/.\-–])\d{1,2}\1(?:19|20)\d\d")),
    ("DMRANGE", re.compile(r"\d{1,2}([/.\-–])\d{1,2}[-–]\d{1,2}\1\d{1,2}(?:\1(?:19|20)\d\d)?")),
    ("DRANGE", re.compile(r"\d{1,2}[-–]\d{1,2}[/.]\d{1,2}(?:[/.](?:19|20)\d\d)?")),
    ("MY", re.compile(r"\d{1,2}[/.\-–](?:19|20)\d\d")),
    ("DM", re.compile(r"\d{1,2}[/.\-–]\d{1,2}")),
    ("YEAR", re.compile(r"(?:19|20)\d\d")),
    ("NUM", re.compile(r"\d.*")),
)
_MARKS = {
    ",": "COMMA", ":": "COLON", ";": "SEMI", ".": "STOP", "!": "STOP", "?": "STOP", "…": "STOP",
    "(": "OPEN", "[": "OPEN", ")": "CLOSE", "]": "CLOSE", "-": "DASH", "–": "DASH", "—": "DASH", "/": "SLASH",
}  # fmt: skip


def shape_words(text: str, start: int, end: int, syllable: re.Pattern[str]) -> list[Word]:
    """Cut a stretch of text into words, numbers and marks.

    Args:
        text: The whole text, NFC.
        start: First code point of the stretch.
        end: One past its last code point.
        syllable: What a lower-case word of the language can look like, for telling names of other languages.

    Returns:
        Words in reading order, of class ``CAP`` (capitalised, looks native), ``FOREIGN`` (capitalised, does not),
        ``INITIAL`` (one capital letter), ``LOW``, a number shape (``DM``, ``DMY``, ``YEAR``, ``NUM`` …) or a mark
        (``COMMA``, ``DASH``, ``HYPHEN``: a dash with no space around it …).
    """
    words: list[Word] = []
    for piece in text[start:end].split(" "):
        read = _remembered if len(piece) <= _LONGEST_REMEMBERED else _read_piece
        for kind, first, last, folded in read(piece, syllable.pattern):
            words.append((kind, start + first, start + last, folded))
        start += len(piece) + 1
    return words


def _read_piece(piece: str, syllable: str) -> tuple[Word, ...]:
    """Return the words of what stands between two spaces, at their places in it."""
    native = re.compile(syllable)
    return tuple(
        (_find_class(piece, *match.span(), native), *match.span(), fold(match[0])) for match in WORD.finditer(piece)
    )


_remembered = lru_cache(maxsize=20_000)(_read_piece)
"""Nine in ten pieces of an article were seen in the ones before it."""


def _find_class(piece: str, start: int, end: int, syllable: re.Pattern[str]) -> str:
    kind = _find_shape(piece[start:end], syllable)
    joins = kind == "DASH" and piece[start - 1 : start].isalnum() and piece[end : end + 1].isalnum()
    return "HYPHEN" if joins else kind


def _find_shape(word: str, syllable: re.Pattern[str]) -> str:
    first = word[0]
    if word in _MARKS:
        return _MARKS[word]
    if first.isdecimal():
        return next(kind for kind, shape in _NUMBER_SHAPES if shape.fullmatch(word))
    if not first.isalpha():
        return "MARK" if first != "_" else "LOW"
    if not first.isupper():
        return "LOW"
    if len(word) == 1:
        return "INITIAL"
    return "CAP" if syllable.fullmatch(word.lower()) else "FOREIGN"
