"""Tell whether the words behind a verb of speech are what was said: ``seeds/cues.toml``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from schemas.document import Token
from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.seed_files import SeedTable, check_seed, read_toml

__all__ = ["IN_A_CLAUSE", "has_reported_content"]

IN_A_CLAUSE = frozenset({"NEG", "PAST", "FUT", "IS", "MAY", "PASSIVE", "QUOTE", "MEETV", "VISITV", "TALKV"})
"""Without any of them, words of place and time are all that follows the verb: "nói ở Linz sau cuộc gặp với X"."""
_FEW_WORDS = 3
_ENDS_OBJECT = frozenset({"WITH", "HEARERS", "COMMA", "BUT", "IN", "STOP", "AFTER", "ON", "DATE"})
_CIRCUMSTANCES = frozenset(
    {"ABOUT", "OF", "AFTER", "STOP", "BEFORE", "WITH", "TO", "SEMI", "CLOSE", "ON", "FROM", "FOR"}
)

_Complement = Literal[
    "quote-first",
    "quote-after-comma",
    "quote-inside",
    "comma-first",
    "clause-after-comma",
    "deed-first",
    "copula-inside",
    "words",
    "two-words",
    "order",
]
_Object = Literal["this-matter", "circumstance"]


@dataclass(frozen=True, slots=True)
class _Content:
    """What follows a verb of speech.

    Attributes:
        opener: Class of the token right behind verb and hearers; a comma is not part of the content.
        tokens: The content, at least one token, without marks at its ends.
    """

    opener: str
    tokens: Sequence[Token]

    @property
    def first(self) -> str:
        return self.tokens[0].kind

    def has(self, token_class: str) -> bool:
        return any(token.kind == token_class for token in self.tokens)


class _Cue(SeedTable):
    takes: tuple[_Complement, ...]
    not_before: tuple[_Object, ...]


@cache
def _load_cues(seeds: Path) -> Mapping[str, _Cue]:
    """Read the file; once per process.

    Raises:
        StopFlow: The file cannot be read, or a key of it is missing, unknown or wrong.
    """
    file = seeds / "cues.toml"
    cues: dict[str, _Cue] = {}
    for value, table in read_toml(file).items():
        if not isinstance(table, dict):
            raise StopFlow(f"{file}: {value} is not a table: write [{value}] with takes and not_before")
        cues[value] = check_seed(table, _Cue, where=f"{file}: {value}")
    if "assert" not in cues:
        raise StopFlow(f"{file}: assert is missing: verbs of other kinds are taken for it")
    return cues


def has_reported_content(value: str, tokens: Sequence[Token], start: int, content: tuple[int, int]) -> bool:
    """Return True if a verb of speech, as it is used here, reports what stands behind it.

    Args:
        value: What kind of verb it is; see ``seeds/cues.toml``. A kind that is not there is taken for ``assert``.
        tokens: Tokens of the sentence.
        start: First token behind the verb and its hearers.
        content: What can have been said, without marks at its ends: half-open, from ``start`` on.
    """
    opener = tokens[start].kind if start < len(tokens) else ""
    inside = tokens[content[0] : content[1]]
    if opener == "COLON" or (inside and opener == "THAT"):
        return True
    if not inside:
        return False
    said = _Content(opener, inside)
    cues = _load_cues(SEEDS)
    cue = cues.get(value, cues["assert"])
    if any(_OBJECTS[name](said) for name in cue.not_before):
        return False
    return any(_COMPLEMENTS[name](said) for name in cue.takes)


def _is_this_matter(said: _Content) -> bool:
    """Return True for "điều này" as a whole object, and for "như vậy"."""
    if said.first == "SO":
        return True
    if said.first != "THIS_MATTER":
        return False
    return len(said.tokens) == 1 or said.tokens[1].kind in _ENDS_OBJECT


def _is_circumstance(said: _Content) -> bool:
    """Return True for "về mùa màng", and for a place or time that no clause follows: "tại Linz"."""
    if said.first in _CIRCUMSTANCES:
        return True
    is_clause = any(token.kind in IN_A_CLAUSE for token in said.tokens)
    if said.first not in ("AT", "IN") or is_clause:
        return False
    return said.first == "IN" or not said.has("LOW")


_OBJECTS: Mapping[str, Callable[[_Content], bool]] = {
    "this-matter": _is_this_matter,
    "circumstance": _is_circumstance,
}
_COMPLEMENTS: Mapping[str, Callable[[_Content], bool]] = {
    "quote-first": lambda said: said.first == "QUOTE",
    "quote-after-comma": lambda said: said.opener == "COMMA" and said.has("QUOTE"),
    "quote-inside": lambda said: said.has("QUOTE"),
    "comma-first": lambda said: said.opener == "COMMA",
    "clause-after-comma": lambda said: said.opener == "COMMA" and len(said.tokens) > _FEW_WORDS,
    "deed-first": lambda said: said.first == "DEED",
    "copula-inside": lambda said: said.has("IS"),
    "words": lambda _: True,
    "two-words": lambda said: len(said.tokens) > 1,
    "order": lambda said: len(said.tokens) > 2 and said.first != "MEETN",
}
