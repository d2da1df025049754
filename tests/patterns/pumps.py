"""Texts that make a regular expression work hard: what each of its repeats takes, again and again, then a stop.

A pump is a piece of text that a repeat takes in one turn. Behind what leads to the repeat it is written many times, and
then comes something that the pattern does not want, so that every other way to share out the pumps is tried as well.
"""

import re
import re._constants as codes  # the parser that ``re`` itself uses; it has no public name
import re._parser as parser
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tasks.language.cascade import character

Items = Sequence[tuple[Any, Any]]
REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
ASSERTIONS = {codes.ASSERT, codes.ASSERT_NOT}
CATEGORIES = {
    codes.CATEGORY_DIGIT: "1",
    codes.CATEGORY_SPACE: " \n",
    codes.CATEGORY_WORD: "a1é",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_NOT_SPACE: "a1",
    codes.CATEGORY_NOT_WORD: "- ",
}
LETTERS = 'aA1é ,.-"*(/:_=>'
"""What a negated set or a dot takes, for a start."""
LINES = (
    *("*", "-", "–", "1", '"', "“", "”", "Ông ", "ông ", "Nguyễn Văn An ", "Weber ", ",", ", ", "(", ")", "[", "]"),
    *("a ", "A ", "1/", ".", "...", ". ", "/", " ", "\n", "* ", "> ", ">", "»", "(a", "a.", "a-", "&a=", "www."),
)
CLASSES = ("LOW", "CAP", "PERSON", "COMMA", "AND", "DATE", "ADV", "COUNTRY", "STOP", "QUOTE")
NOWHERE = "\U000f1234"
"""A character that no pattern names."""
MANY = 32
"""Samples of one part that are kept."""
PAIRED = 6
"""Samples of one repeat of which every two are also pumped together."""


def stops(*, over_classes: bool) -> tuple[str, ...]:
    """Return what ends a pumped text."""
    return (NOWHERE, character("QUOTE"), character("COMMA")) if over_classes else (NOWHERE, "\n!")


def pumps(pattern: re.Pattern[str], *, over_classes: bool) -> tuple[tuple[str, str], ...]:
    """Return pairs of what comes first and what is pumped, each once."""
    tree = list(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    atoms = sorted(set(atoms_of(tree)))
    more = tuple(map(character, CLASSES)) if over_classes else (*LETTERS, *LINES)
    alphabet = tuple(dict.fromkeys([*atoms, *more]))
    samples = Samples([one for one in alphabet if len(one) == 1])
    found: dict[tuple[str, str], None] = {("", one): None for one in alphabet}
    for before, turns in samples.of_repeats(tree):
        pairs = [one + other for one in turns[:PAIRED] for other in turns[:PAIRED] if one != other]
        found |= {(before, turn): None for turn in [*turns, *pairs]}
        found |= {("", before + turn): None for turn in turns[:PAIRED]}
    found |= {("", whole): None for whole in samples.of_sequence(tree)[:PAIRED]}
    return tuple((before, pump) for before, pump in found if pump)


def atoms_of(items: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """Yield the characters that a pattern names."""
    for operation, argument in items:
        match operation, argument:
            case ((codes.LITERAL | codes.NOT_LITERAL), int(code)):
                yield chr(code)
            case codes.RANGE, (first, last):
                yield from (chr(first), chr(last))
            case codes.IN, members:
                yield from atoms_of(members)
        for inner in parts_of(operation, argument):
            yield from atoms_of(inner)


def parts_of(operation: object, argument: Any) -> Iterator[Items]:
    """Yield the sequences inside an item."""
    if operation is codes.BRANCH:
        yield from argument[1]
    elif operation is codes.SUBPATTERN:
        yield argument[3]
    elif operation is codes.ATOMIC_GROUP:
        yield argument
    elif operation in REPEATS:
        yield argument[2]
    elif operation in ASSERTIONS:
        yield argument[1]


class Samples:
    """Short texts that parts of a pattern match; assertions are taken to hold."""

    def __init__(self, alphabet: Sequence[str]) -> None:
        self._alphabet = alphabet

    def of_repeats(self, items: Items, before: str = "") -> Iterator[tuple[str, list[str]]]:
        """Yield, for each repeat of more than a few turns, what leads to it and what a turn takes."""
        for operation, argument in items:
            if operation in REPEATS and argument[1] > 3:
                yield before, self.of_sequence(argument[2])
            for inner in parts_of(operation, argument):
                yield from self.of_repeats(inner, before)
            before += self._of_item(operation, argument)[0]

    def of_sequence(self, items: Items) -> list[str]:
        texts = [""]
        for operation, argument in items:
            parts = self._of_item(operation, argument)
            if len(texts) == 1:
                texts = [texts[0] + part for part in parts][:MANY]
            else:
                texts = [text + parts[0] for text in texts]
        return texts

    def _of_item(self, operation: object, argument: Any) -> list[str]:
        match operation:
            case codes.LITERAL:
                found = [chr(argument)]
            case codes.NOT_LITERAL:
                found = [one for one in self._alphabet if one != chr(argument)]
            case codes.ANY:
                found = list(self._alphabet)
            case codes.IN:
                found = self._of_set(argument)
            case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                least, _, inner = argument
                turns = self.of_sequence(inner)
                found = [turn * least for turn in turns] if least else ["", *turns]
            case codes.BRANCH | codes.SUBPATTERN | codes.ATOMIC_GROUP:
                parts = list(parts_of(operation, argument))
                found = [text for part in parts for text in self.of_sequence(part)[: MANY // len(parts) + 2]]
            case _:
                found = [""]
        return found[:MANY] or [""]

    def _of_set(self, members: Items) -> list[str]:
        named: list[str] = []
        for operation, argument in members:
            if operation is codes.CATEGORY:
                named += CATEGORIES.get(argument, "")
            else:
                named += atoms_of([(operation, argument)])
        if members[0][0] is codes.NEGATE:
            return [one for one in self._alphabet if one not in named]
        return named
