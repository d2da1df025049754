"""Who of the words of a subject can speak."""

from collections.abc import Sequence

from tasks.language.classes import token_group
from tasks.language.phrases import PARTICIPANT, Phrases

__all__ = ["find_speakers"]

Range = tuple[int, int]

_ANONYMOUS = token_group("anonymous")
_COMMON = token_group("common") | frozenset({"MOD"})
_DETERMINER = token_group("determiner")
_OFFICE = token_group("office")
_NAME = frozenset({"PERSON", "FOREIGN_NAME", "NATIVE_NAME"})
_BODY_OR_PLACE = token_group("body") | token_group("place")
_NEAR_TOKENS = 4


def find_speakers(subject: Range | None, kinds: Sequence[str], phrases: Phrases) -> Range | None:
    """Find the tokens of those who speak in the noun phrase of a subject.

    Returns:
        From the first speaker to one past the last; ``(0, 0)`` where there is no subject at all, None where the
        subject is nobody who can be quoted (a medium, a crowd, a thing).
    """
    if subject is None:
        return 0, 0
    start, end = subject
    while start < end and (kinds[start] in _DETERMINER or kinds[start] in _COMMON):
        start += 1
    if start >= end or kinds[start] in _ANONYMOUS or kinds[start] == "ME":
        return None  # "tôi" outside of marks is the author of the article
    if kinds[start] == "PAPER":
        author = next((i for i in range(start, end) if kinds[i] in PARTICIPANT), None)
        return (author, author + 1) if author is not None else None
    found = _list_speakers(start, end, kinds, phrases)
    return (found[0], found[-1] + 1) if found else None


def _list_speakers(start: int, end: int, kinds: Sequence[str], phrases: Phrases) -> list[int]:
    """List the speakers of a noun phrase; empty where one of them is nobody."""
    found: list[int] = []
    at = start
    while at < end:
        aside = phrases.aside_end(at)
        if aside and at > start:
            _read_aside(found, at, aside, kinds)
            at = aside
        elif kinds[at] == "OF":
            at = _genitive_end(at, end, kinds)
        elif kinds[at] in _ANONYMOUS:
            return []
        else:
            if kinds[at] in PARTICIPANT:
                _add_speaker(found, at, kinds)
            at += 1
    return found


def _genitive_end(at: int, end: int, kinds: Sequence[str]) -> int:
    at += 1
    while at < end and kinds[at] in _DETERMINER:
        at += 1
    return at + 1


def _read_aside(found: list[int], at: int, end: int, kinds: Sequence[str]) -> None:
    """Read "Người phát ngôn của Z - X -" and "Phó Thủ tướng, Bộ trưởng Y": the aside says more of an office."""
    if not found or kinds[at] == "OPEN" or kinds[found[-1]] not in _OFFICE:
        return
    names = [i for i in range(at, end) if kinds[i] in _NAME]
    offices = [i for i in range(at, end) if kinds[i] in _OFFICE]
    if names:
        found[-1] = names[0]
    elif offices and kinds[at] == "COMMA":
        found[-1] = offices[-1]


def _add_speaker(found: list[int], at: int, kinds: Sequence[str]) -> None:
    """Add a speaker; an office, its body or town, and the name beside them are one."""
    if not found:
        found.append(at)
        return
    between = kinds[found[-1] + 1 : at]
    if "AND" in between:
        found.append(at)
    elif (kinds[at] in _NAME and kinds[found[-1]] not in _NAME) or (
        kinds[at] in _OFFICE and kinds[found[-1]] in _OFFICE
    ):
        found[-1] = at
    elif kinds[at] not in _BODY_OR_PLACE or "COMMA" in between or at - found[-1] > _NEAR_TOKENS:
        found.append(at)
