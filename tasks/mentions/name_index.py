"""Find people by words of their names, without looking at all the people of an article."""

from collections import defaultdict
from collections.abc import Iterable

from tasks.mentions.spelling import person_slug

__all__ = ["NameIndex"]

_MOST_ALIKE = 200
"""So many people who share a word of their names are looked at, those added last. A real article has fewer; without
a bound, a list of ten thousand names that share one would take hours."""


class NameIndex:
    """Positions of people in a list, by the words of their names and by the last word in ASCII."""

    def __init__(self) -> None:
        self._by_words: defaultdict[frozenset[str], list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._by_last_word: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, position: int, words: frozenset[str], name: str) -> None:
        """Remember a name; a person whose fuller name comes to light is added again."""
        self._by_words[words].append(position)
        for word in words:
            self._by_word[word].append(position)
        self._by_last_word[_find_last_word(name)].append(position)

    def find_exact(self, words: frozenset[str]) -> list[int]:
        """Return who has, or had, exactly these words as a name; ascending."""
        return _newest([self._by_words.get(words, [])])

    def find_longer(self, words: frozenset[str], name: str) -> list[int]:
        """Return who may have all of these words in a longer name, or spell its last word alike; ascending."""
        rarest = min((self._by_word.get(word, []) for word in words), key=len, default=[])
        return _newest([rarest, self._by_last_word.get(_find_last_word(name), [])])

    def find_sharing(self, words: frozenset[str]) -> list[int]:
        """Return who has one of these words in a name; ascending."""
        return _newest(self._by_word.get(word, []) for word in words)


def _newest(groups: Iterable[list[int]]) -> list[int]:
    return sorted({position for group in groups for position in group[-_MOST_ALIKE:]})


def _find_last_word(name: str) -> str:
    return person_slug(name).rsplit("-", 1)[-1]
