"""All phrases of a language in one Aho-Corasick automaton, matched on whole words, longest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from schemas.document import Token, word_token
from tasks.language.folding import fold
from tasks.language.tokens import WORD

__all__ = ["Case", "Lexicon", "Phrase"]

Case = Literal["any", "capital", "lower"]
_EDGE = "\x1f"
_INSIDE = frozenset({"CAP", "FOREIGN", "LOW", "HYPHEN", "INITIAL"})
"""Classes of a word before, which cannot end a sentence."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase and what it means.

    Attributes:
        form: The words, NFC, in any case.
        kind: Token class of a match.
        value: What is known of it, in one string.
        case: ``capital`` only matches where its first letter is one in the text ("Nga", "Anh"); ``lower`` does not
            match capitalised words inside a sentence, which are a name there ("Pak Sang Gil").
    """

    form: str
    kind: str
    value: str = ""
    case: Case = "any"


class Lexicon:
    """Finds phrases in a sequence of word tokens; longest match from the left, on whole words only."""

    __slots__ = ("_automaton", "_phrases")

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = tuple(phrases)
        patterns = [_edged(WORD.findall(fold(phrase.form))) for phrase in self._phrases]
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)

    def __len__(self) -> int:
        return len(self._phrases)

    def apply(self, tokens: Sequence[Token], text: str) -> list[Token]:
        """Replace the words of each known phrase by one token of the phrase's class.

        Returns:
            Tokens in reading order; those of no phrase are passed through.
        """
        if not tokens:
            return []
        offset = tokens[0].start
        folded = fold(text[offset : tokens[-1].end])
        haystack, index_at = _haystack([folded[start - offset : end - offset] for _, start, end, *_ in tokens])
        after: list[Token] = []
        done = 0
        for number, start, end in self._automaton.find_matches_as_indexes(haystack):
            phrase, first, last = self._phrases[number], index_at[start], index_at[end]
            if phrase.case != "any" and not _fits_case(phrase, tokens, first, text):
                continue
            after += tokens[done:first]
            after.append(word_token(phrase.kind, tokens[first].start, tokens[last - 1].end, phrase.value))
            done = last
        return after + list(tokens[done:])


def _fits_case(phrase: Phrase, tokens: Sequence[Token], first: int, text: str) -> bool:
    capital = text[tokens[first].start].isupper()
    if phrase.case == "capital":
        return capital
    inside = first > 0 and tokens[first - 1].kind in _INSIDE
    return not (capital and inside)


def _edged(words: Sequence[str]) -> str:
    return f"{_EDGE}{(_EDGE + _EDGE).join(words)}{_EDGE}" if words else ""


def _haystack(words: Sequence[str]) -> tuple[str, dict[int, int]]:
    """Every word between two edges of its own, so that neighbouring matches do not compete for one."""
    ends = accumulate(map(len, words), lambda done, length: done + length + 2, initial=0)
    return _edged(words), {position: index for index, position in enumerate(ends)}
