"""Wire copies and other near-duplicates: which article of the last days has the wording of this one.

Nothing is dropped for it. A copy names its original, the one that was stored first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tasks.signature import SIZE, resemblances

__all__ = ["CAPACITY", "Signed", "StoredOriginals", "Stories", "StoryIndex"]

CAPACITY = 20_000
"""Stories remembered: some days of many outlets. A search looks at all of them, which takes about a millisecond."""
_MIN_RESEMBLANCE = 0.5
"""Half of all runs of words: a desk cuts paragraphs and adds its own; two reports of one event share far less."""
_KEYS = 8
"""So many of the least numbers are looked up. Copies that share half of their runs have none in common among them
once in 256 times."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What is remembered of an article."""

    article_id: str
    near_duplicate_of: str | None
    """Its original; None if it is one itself."""
    signature: tuple[int, ...]


class Stories(Protocol):
    """What knows originals."""

    def original_of(self, article_id: str, signature: tuple[int, ...]) -> str | None:
        """The article that this one repeats; None if none does."""


class StoredOriginals:
    """What a lake says already, for articles that it holds: read in another order, a copy would be its original's."""

    def __init__(self, originals: Mapping[str, str]) -> None:
        """Take originals by the ``article_id`` of their copies."""
        self._originals = originals

    def original_of(self, article_id: str, signature: tuple[int, ...]) -> str | None:  # noqa: ARG002  # as in Stories
        """The article that this one was found to repeat."""
        return self._originals.get(article_id)


class StoryIndex:
    """The wording of the last :data:`CAPACITY` stories; neither its memory nor a search grows with more."""

    def __init__(self, known: Iterable[Signed] = ()) -> None:
        """Begin with stories that are stored already, oldest first."""
        self._signatures: NDArray[np.int32] = np.full((CAPACITY, SIZE), -1, np.int32)
        self._ids: list[str | None] = [None] * CAPACITY
        self._originals: dict[str, str | None] = {}
        self._next = 0
        for story in known:
            self._remember_story(story)

    def original_of(self, article_id: str, signature: tuple[int, ...]) -> str | None:
        """The article that this one repeats, None if none does; from now on this one is remembered too.

        An article that is remembered gets the same answer again; none is its own original.
        """
        if article_id in self._originals:
            return self._originals[article_id]
        alike = self._find_most_alike(signature)
        original = (self._originals[alike] or alike) if alike else None
        story = Signed(article_id, original if original != article_id else None, signature)
        if signature:
            self._remember_story(story)
        return story.near_duplicate_of

    def _find_most_alike(self, signature: tuple[int, ...]) -> str | None:
        sharing = np.flatnonzero(np.isin(self._signatures[:, :_KEYS], signature[:_KEYS]).any(axis=1))
        likeness = resemblances(signature, self._signatures[sharing])
        best = int(np.argmax(likeness)) if len(sharing) else 0
        return self._ids[sharing[best]] if len(sharing) and likeness[best] >= _MIN_RESEMBLANCE else None

    def _remember_story(self, story: Signed) -> None:
        """In the place of the oldest."""
        place, self._next = self._next, (self._next + 1) % CAPACITY
        if oldest := self._ids[place]:
            del self._originals[oldest]
        self._ids[place] = story.article_id
        self._originals[story.article_id] = story.near_duplicate_of
        self._signatures[place] = -1
        self._signatures[place, : len(story.signature)] = story.signature
