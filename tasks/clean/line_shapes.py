"""What the form of a line tells without a word list: sentences, headlines, names, cut-off snippets."""

import re

from tasks.clean.boilerplate import Boilerplate

__all__ = [
    "MAX_SHORT_CHARACTERS",
    "half_of_double",
    "is_cut_off",
    "is_headline",
    "is_name",
    "is_sentence",
    "is_short_line",
    "opening_of_cut_off",
]

MAX_SHORT_CHARACTERS = 600
"""Only shorter lines can be captions, credits, headlines or teasers; patterns never see a longer one."""
_MAX_HEADLINE = 220
_MAX_SUBHEAD = 110
_MAX_NAME = 60
_MIN_WORDS = 4
"""A shorter line may be repeated by chance ("Không.")."""
_CUT_OFF = re.compile(r" ?(?:\.\.\.|…)$")
_SENTENCE_END = re.compile(r"[.!?:;,…][\"”’»')\]]*$|[\"”’»]$")
_QUOTED_OR_LISTED = re.compile(r"^[\"“‘«•+*-]|[\"”»],")
_NAME_WORD = re.compile(r"[^\W\d_][\w.’'-]*\Z")


def is_cut_off(line: str) -> bool:
    """Return True if a line ends in dots, with enough before them to know what was cut off."""
    return len(line) <= MAX_SHORT_CHARACTERS and bool(_CUT_OFF.search(line)) and line.count(" ") >= _MIN_WORDS


def opening_of_cut_off(line: str) -> str:
    """Return the line without the dots it ends in."""
    return _CUT_OFF.sub("", line)


def is_sentence(line: str) -> bool:
    """Return True if a line ends as sentences do, or is too long for a headline."""
    return len(line) > _MAX_SUBHEAD or bool(_SENTENCE_END.search(line))


def is_headline(line: str) -> bool:
    """Return True if a line could stand at the top: it is not long, nor closed by a full stop unless it is cut off."""
    closed = line.endswith((".", ".”", '."', ";", ":")) and not is_cut_off(line)
    return len(line) <= _MAX_HEADLINE and not closed and " " in line


def is_short_line(line: str) -> bool:
    """Return True if a line could be a heading inside the text: short, no sentence, list item or quotation."""
    return len(line) <= _MAX_SUBHEAD and not _SENTENCE_END.search(line) and not _QUOTED_OR_LISTED.search(line)


def is_name(line: str, pack: Boilerplate) -> bool:
    """Return True for one to a few names: capitalised words, joined only by what the language joins names with."""
    if len(line) > _MAX_NAME:
        return False
    words = [word.strip(",;") for word in line.split()]
    names = [word for word in words if word.lower() not in pack.name_joiners]
    return 1 <= len(names) <= 2 * _MIN_WORDS and all(_NAME_WORD.match(word) and word[0].isupper() for word in names)


def half_of_double(line: str) -> str | None:
    """Return the sentence that a line holds twice ("A B C D A B C D"); None for any other line."""
    middle = len(line) // 2
    half = line[:middle]
    doubled = len(line) <= 2 * MAX_SHORT_CHARACTERS and line == f"{half} {half}"
    return half if doubled and half.count(" ") >= _MIN_WORDS - 1 else None
