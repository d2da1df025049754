"""The terms of a vocabulary in one automaton: which topics the words of a text show, and where."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from tasks.language.folding import fold
from tasks.topics.vocabulary import TopicEntry

__all__ = ["TermHit", "TermIndex", "match_terms"]

TermHit = tuple[int, int, float]
"""First code point, one past the last, and the term's weight."""
_MARKS = tuple(zip("‐‑‒–—−’‘“”", "------''\"\"", strict=True))


class TermIndex:
    """The terms of a vocabulary and the words they need in one Aho-Corasick automaton; build once, match often."""

    __slots__ = ("_automaton", "_numbers", "_uses")

    def __init__(self, entries: Iterable[TopicEntry]) -> None:
        numbers: dict[str, int] = {}
        self._uses: dict[int, list[_Use]] = defaultdict(list)
        for entry in entries:
            for term in entry.terms:
                needs = tuple(frozenset(_number_words(words, numbers) for words in group) for group in term.needs)
                self._uses[_number_words(term.text, numbers)].append(_Use(entry.topic_id, term.weight, needs))
        # Standard, not leftmost-longest: "thỏa thuận ngừng bắn" shows one topic, "ngừng bắn" in it another.
        self._numbers = numbers
        self._automaton = AhoCorasick(list(numbers), matchkind=MatchKind.Standard)

    def match(self, text: str, countries: Iterable[str] = ()) -> dict[str, list[TermHit]]:
        """Find the hits of each topic; see :func:`match_terms`.

        Args:
            text: Folded (:func:`tasks.language.folding.fold`); paragraphs are separated by line breaks.
            countries: Codes of countries that count as named in every paragraph ("ông Biden" stands for ``US``).
        """
        hits: dict[str, list[TermHit]] = defaultdict(list)
        implied = {self._numbers[marker] for code in countries if (marker := f"@{code.lower()}") in self._numbers}
        for offset, paragraph in _split_paragraphs(_simplify_marks(text)):
            spans = self._find_spans(paragraph)
            present = {*spans, *implied}
            for number, places in spans.items():
                for use in self._uses.get(number, ()):
                    if not any(map(present.isdisjoint, use.needs)):
                        hits[use.topic_id] += [(offset + start, offset + end, use.weight) for start, end in places]
        return {topic_id: _keep_longest(found) for topic_id, found in sorted(hits.items())}

    def _find_spans(self, paragraph: str) -> dict[int, list[tuple[int, int]]]:
        spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        closed = f"{paragraph}\n"  # two code points around any place in it are both alphanumeric only inside a word
        for number, start, end in self._automaton.find_matches_as_indexes(paragraph, overlapping=True):
            if not closed[start - 1 : start + 1].isalnum() and not closed[end - 1 : end + 1].isalnum():
                spans[number].append((start, end))
        return spans


def match_terms(text: str, entries: Iterable[TopicEntry] | TermIndex) -> dict[str, list[TermHit]]:
    """Find which topics the words of a text show, and where.

    Args:
        text: NFC; paragraphs are separated by line breaks.
        entries: The vocabulary; a :class:`TermIndex` of it where more than one text is matched.

    Returns:
        By topic id, sorted: the terms found as ``(start, end, weight)``, in reading order, never overlapping within a
        topic (of overlapping terms the longest counts). Offsets are half-open, in code points of ``text``. A topic
        without hits is absent; a parent is not added for its child.
    """
    return (entries if isinstance(entries, TermIndex) else TermIndex(entries)).match(fold(text))


@dataclass(frozen=True, slots=True)
class _Use:
    topic_id: str
    weight: float
    needs: tuple[frozenset[int], ...]


def _number_words(words: str, numbers: dict[str, int]) -> int:
    return numbers.setdefault(_simplify_marks(fold(words)), len(numbers))


def _simplify_marks(text: str) -> str:
    for mark, plain in _MARKS:  # a hundred times faster than str.translate on text that is not ASCII
        text = text.replace(mark, plain)
    return text


def _split_paragraphs(text: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for paragraph in text.split("\n"):
        yield offset, paragraph
        offset += len(paragraph) + 1


def _keep_longest(hits: Iterable[TermHit]) -> list[TermHit]:
    kept: list[TermHit] = []
    for start, end, weight in sorted(hits, key=lambda hit: (hit[0] - hit[1], -hit[2], hit[0])):
        if all(end <= other_start or other_end <= start for other_start, other_end, _ in kept):
            kept.append((start, end, weight))
    return sorted(kept)
