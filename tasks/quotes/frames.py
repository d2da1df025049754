"""What a verb of speech takes, as ``frames.toml`` of a language says it."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from tasks.language.classes import token_group
from tasks.language.phrases import FINITE
from tasks.seed_files import SeedTable, read_seed_file

__all__ = ["SpeechFrame", "load_frames"]

Complement: TypeAlias = Literal["that", "leading-quote", "quote", "clause", "copula", "deed", "comma"]
Closing: TypeAlias = Literal["anything", "quote", "ending-quote", "nothing"]

_COMPLEMENTIZER = token_group("complementizer")
_NO_CONTENT = frozenset(
    {"AND", "OF", "STOP", "SEMI", "CLOSE", "SO", "ABOUT", "AFTER", "BEFORE", "WITH", "TO", "ON", "FROM", "FOR"}
)
"""Classes with which nothing that was said begins: "nói về giá gạo", "khẳng định như vậy"."""
_PLACE_OR_TIME = frozenset({"AT", "IN", "WHEN"})
_BEHIND_THIS = frozenset({"WITH", "HEARERS", "COMMA", "BUT", "IN", "STOP", "AFTER", "ON", "DATE"})
_SIGNS_OF_A_CLAUSE = FINITE | frozenset({"ADV", "QUOTE"})
_FEWEST_BEHIND_COMMA = 4
_FEWEST_BEFORE = 3


class SpeechFrame(SeedTable):
    """One kind of verb of speech: the ``value`` of its entries in ``speech.toml``, and what it takes."""

    value: str
    takes: tuple[Complement, ...]
    """What may follow: ``that`` (rằng, a colon), ``clause`` (a bare clause), ``quote`` (anything with words in marks),
    ``leading-quote`` (words in marks first), ``copula`` ("mô tả A là B"), ``deed`` ("phủ nhận việc …"), ``comma``
    (behind a comma)."""
    closes: Closing
    """Behind what it may close a sentence: ``anything``, something with a ``quote`` in it, an ``ending-quote``."""
    continues: bool
    """Whether it brings words of its own as a second verb: "ký văn kiện, nói rằng …"."""
    example: str

    def takes_content(self, lead: str, inside: Sequence[str], *, has_verb: bool) -> bool:
        """Return True if what follows the verb is something said.

        Args:
            lead: Class of the mark or word that announces it (``THAT``, ``COLON``, ``COMMA``); empty without one.
            inside: Classes of the words that follow; at least one.
            has_verb: Whether a verb is known among them, or they are too many for a mere noun phrase.
        """
        if lead in _COMPLEMENTIZER:
            return "that" in self.takes
        if _points_back(inside):
            return False
        return any(_fits(complement, lead, inside, has_verb=has_verb) for complement in self.takes)

    def closes_behind(self, said: Sequence[str]) -> bool:
        """Return True if the verb may close a sentence behind words of these classes."""
        if self.closes == "anything":
            return len(said) >= _FEWEST_BEFORE or "QUOTE" in said
        if said[-1] == "QUOTE":
            return self.closes != "nothing"
        return self.closes == "quote" and "QUOTE" in said


class _FrameFile(SeedTable):
    frame: tuple[SpeechFrame, ...]


@cache
def load_frames(seeds: Path, code: str) -> Mapping[str, SpeechFrame]:
    """Read the frames of a language by their value; once per process.

    Raises:
        StopFlow: The file is missing or not what it should be.
    """
    file = read_seed_file(seeds / "languages" / code / "frames.toml", _FrameFile)
    return {frame.value: frame for frame in file.frame}


def _points_back(inside: Sequence[str]) -> bool:
    """Return True if nothing new follows: "xác nhận thông tin này với báo chí"."""
    return inside[0] == "THIS_MATTER" and (len(inside) == 1 or inside[1] in _BEHIND_THIS)


def _fits(complement: Complement, lead: str, inside: Sequence[str], *, has_verb: bool) -> bool:
    quoted = "QUOTE" in inside
    match complement:
        case "that":
            return False
        case "leading-quote":
            return inside[0] == "QUOTE" or (lead == "COMMA" and quoted)
        case "quote":
            return quoted
        case "copula":
            return "IS" in inside
        case "deed":
            return inside[0] == "DEED"
        case "comma":
            return lead == "COMMA" and len(inside) >= _FEWEST_BEHIND_COMMA
        case "clause":
            return _is_clause(lead, inside, has_verb=has_verb)


def _is_clause(lead: str, inside: Sequence[str], *, has_verb: bool) -> bool:
    """Return True if the words can be a clause; behind a comma one may begin with where, when or about what."""
    if lead == "COMMA" and inside[0] == "CUE":
        return False  # a second verb of speech, no content: "nói, đề cập đến cây cầu"
    finite = has_verb or not _SIGNS_OF_A_CLAUSE.isdisjoint(inside)
    if inside[0] in _NO_CONTENT or inside[0] in _PLACE_OR_TIME:
        return lead == "COMMA" and "COMMA" in inside and finite and inside[0] not in ("AND", "SO")
    return finite
