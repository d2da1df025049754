"""All phrases of a language in one Aho-Corasick automaton, matched on whole words, longest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from schemas.document import Token, word_token
from tasks.language.folding import fold
from tasks.language.tokens import WORD, Word

__all__ = ["Case", "Lexicon", "Phrase"]

Case = Literal["any", "capital", "lower", "small"]
_EDGE = "\x1f"
_CAPITALISED = frozenset({"CAP", "FOREIGN", "INITIAL"})
"""Classes of a word that begins with a capital letter."""
_INSIDE = frozenset({"CAP", "FOREIGN", "LOW", "HYPHEN", "INITIAL"})
"""Classes of a word before, which cannot end a sentence."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase and what it means.

    Attributes:
        form: The words, NFC, in any case.
        token_class: Class of the token that a match becomes.
        value: What is known of it, in one string.
        case: ``capital`` only matches where its first letter is one in the text ("Nga", "Anh"); ``lower`` does not
            match capitalised words inside a sentence, which are a name there ("Pak Sang Gil"); ``small`` matches words
            without any capital only, so that a name may mean something else ("anh", "Anh").
    """

    form: str
    token_class: str
    value: str = ""
    case: Case = "any"


class Lexicon:
    """Finds phrases in a sequence of words; longest match from the left, on whole words only."""

    __slots__ = ("_automaton", "_phrases")

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        meanings: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            meanings.setdefault(fold(phrase.form), []).append(phrase)
        words = {form: WORD.findall(form) for form in meanings}
        self._phrases = tuple((tuple(meanings[form]), len(found)) for form, found in words.items())
        self._automaton = AhoCorasick(map(_join_with_edges, words.values()), matchkind=MatchKind.LeftmostLongest)

    def __len__(self) -> int:
        return sum(len(meanings) for meanings, _ in self._phrases)

    def apply(self, words: Sequence[Word]) -> list[Token]:
        """Make the words of each known phrase one token of the phrase's class.

        Returns:
            Tokens in reading order; words of no phrase keep their own class.
        """
        haystack = _join_with_edges([folded for _, _, _, folded in words])
        tokens: list[Token] = []
        done = first = place = 0
        for number, start, _ in self._automaton.find_matches_as_indexes(haystack):
            meanings, length = self._phrases[number]
            first += haystack.count(_EDGE, place, start) // 2
            place = start
            phrase = next((one for one in meanings if _fits_case(one, words, first)), None)
            if phrase is None:
                continue
            tokens += _as_tokens(words[done:first])
            done = first + length
            tokens.append(word_token(phrase.token_class, words[first][1], words[done - 1][2], phrase.value))
        return tokens + _as_tokens(words[done:])


def _as_tokens(words: Iterable[Word]) -> list[Token]:
    return [word_token(kind, start, end) for kind, start, end, _ in words]


def _fits_case(phrase: Phrase, words: Sequence[Word], first: int) -> bool:
    if phrase.case == "any":
        return True
    capital = words[first][0] in _CAPITALISED
    if phrase.case == "capital":
        return capital
    if phrase.case == "small":
        return not capital
    inside = first > 0 and words[first - 1][0] in _INSIDE
    return not (capital and inside)


def _join_with_edges(words: Sequence[str]) -> str:
    """Return every word between two edges of its own, so that neighbouring matches do not compete for one."""
    return f"{_EDGE}{(_EDGE + _EDGE).join(words)}{_EDGE}" if words else ""
