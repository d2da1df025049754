"""All phrases of a language in one Aho-Corasick automaton, matched on whole words, longest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ahocorasick_rs import AhoCorasick, MatchKind

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
        words = {phrase: WORD.findall(fold(phrase.form)) for phrase in phrases}
        self._phrases = tuple((phrase, len(found)) for phrase, found in words.items())
        self._automaton = AhoCorasick(map(_edged, words.values()), matchkind=MatchKind.LeftmostLongest)

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
        haystack = _edged([folded[token.start - offset : token.end - offset] for token in tokens])
        after: list[Token] = []
        done = first = place = 0
        for number, start, _ in self._automaton.find_matches_as_indexes(haystack):
            phrase, length = self._phrases[number]
            first += haystack.count(_EDGE, place, start) // 2
            place = start
            if phrase.case != "any" and not _fits_case(phrase, tokens, first, text):
                continue
            after += tokens[done:first]
            done = first + length
            after.append(word_token(phrase.kind, tokens[first].start, tokens[done - 1].end, phrase.value))
        return after + list(tokens[done:])


def _fits_case(phrase: Phrase, tokens: Sequence[Token], first: int, text: str) -> bool:
    capital = text[tokens[first].start].isupper()
    if phrase.case == "capital":
        return capital
    inside = first > 0 and tokens[first - 1].kind in _INSIDE
    return not (capital and inside)


def _edged(words: Sequence[str]) -> str:
    """Every word between two edges of its own, so that neighbouring matches do not compete for one."""
    return f"{_EDGE}{(_EDGE + _EDGE).join(words)}{_EDGE}" if words else ""
