"""Find with which characters a match of a regular expression can begin, and which it cannot do without."""

import re._constants as codes  # the parser that ``re`` itself uses; it has no public name
import re._parser as parser
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

__all__ = ["first_characters", "needed_characters"]

_Item = tuple[object, object]
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})
_ASSERTIONS = frozenset({codes.ASSERT, codes.ASSERT_NOT, codes.AT})


def first_characters(pattern: str) -> frozenset[str] | None:
    """Return the characters that a non-empty match can begin with.

    Args:
        pattern: A regular expression.

    Returns:
        None where it may be any character, or where the pattern uses something this does not know.
    """
    found, _ = _read_sequence(_list_items(parser.parse(pattern)))
    return found


def needed_characters(pattern: str) -> tuple[frozenset[str], ...]:
    """Return sets of characters, of each of which a text with a match holds at least one.

    Args:
        pattern: A regular expression, case-sensitive.

    Returns:
        Distinct sets, none of them empty; no sets at all where nothing is certain.
    """
    return tuple(dict.fromkeys(_list_needs(_list_items(parser.parse(pattern)))))


def _list_needs(items: Iterable[_Item]) -> Iterator[frozenset[str]]:
    for operation, argument in items:
        match operation, argument:
            case (codes.LITERAL, int()) | (codes.IN, list()):
                one, _ = _read_item(operation, argument)
                if one is not None:
                    yield one
            case codes.BRANCH, (_, list(branches)):
                one_of_each = [min(_list_needs(list(branch)), key=len, default=frozenset[str]()) for branch in branches]
                if all(one_of_each):
                    yield frozenset().union(*one_of_each)
            case ((codes.SUBPATTERN | codes.ASSERT), (*_, inner)):
                yield from _list_needs(_list_items(inner))
            case codes.ATOMIC_GROUP, inner:
                yield from _list_needs(_list_items(inner))
            case (operation, (int(least), _, inner)) if operation in _REPEATS and least > 0:
                yield from _list_needs(_list_items(inner))


def _read_sequence(items: Sequence[_Item]) -> tuple[frozenset[str] | None, bool]:
    """Return the first characters of items one after the other, and whether they may all be skipped."""
    found: frozenset[str] = frozenset()
    for operation, argument in items:
        if operation in _ASSERTIONS:
            continue
        first, optional = _read_item(operation, argument)
        if first is None:
            return None, False
        found |= first
        if not optional:
            return found, False
    return found, True


def _read_item(operation: object, argument: object) -> tuple[frozenset[str] | None, bool]:
    match operation, argument:
        case codes.LITERAL, int(code):
            return frozenset({chr(code)}), False
        case codes.IN, list(members):
            return _read_set(members), False
        case codes.BRANCH, (_, list(branches)):
            return _read_branches(list(branch) for branch in branches)
        case codes.SUBPATTERN, (*_, inner):
            return _read_sequence(_list_items(inner))
        case codes.ATOMIC_GROUP, inner:
            return _read_sequence(_list_items(inner))
        case (_, (int(least), _, inner)) if operation in _REPEATS:
            first, optional = _read_sequence(_list_items(inner))
            return first, optional or least == 0
    return None, False


def _list_items(parsed: object) -> list[_Item]:
    """Return the parser's own sequence type as a list."""
    return list(cast("Iterable[_Item]", parsed))


def _read_set(members: Iterable[_Item]) -> frozenset[str] | None:
    """Return a set of single characters; None for a negated one or one of ranges, which may be nearly anything."""
    pairs = list(members)
    if any(operation is not codes.LITERAL for operation, _ in pairs):
        return None
    return frozenset(chr(code) for _, code in pairs if isinstance(code, int))


def _read_branches(branches: Iterable[Sequence[_Item]]) -> tuple[frozenset[str] | None, bool]:
    found: frozenset[str] = frozenset()
    skippable = False
    for branch in branches:
        first, optional = _read_sequence(branch)
        if first is None:
            return None, False
        found, skippable = found | first, skippable or optional
    return found, skippable
