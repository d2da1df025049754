"""Find wire copies and other near-duplicates: the article of the last days that has the wording of this one.

No article is dropped for it. A copy names its original, which is the one that was stored first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tasks.signature import SIZE, resemblances

__all__ = ["CAPACITY", "Signed", "StoredOriginals", "Stories", "StoryIndex"]

CAPACITY = 20_000
"""Number of stories remembered: some days of many outlets. A search of all of them takes about a millisecond."""
_MIN_RESEMBLANCE = 0.5
"""Share of runs of words that make a copy: a desk cuts paragraphs and adds its own; two reports of one event share
far less."""
_KEYS = 8
"""Number of least numbers that are looked up. Copies that share half of their runs have none in common among them
once in 256 times."""


@dataclass(frozen=True, slots=True)
class Signed:
    """An article as it is remembered.

    Attributes:
        article_id: The article.
        near_duplicate_of: Its original; None if it is one itself.
        signature: Its wording, from :func:`tasks.signature.sign_story`.
    """

    article_id: str
    near_duplicate_of: str | None
    signature: tuple[int, ...]


class Stories(Protocol):
    """A collection of stories that knows originals."""

    def original_of(self, article_id: str, signature: tuple[int, ...]) -> str | None:
        """Return the article that this one repeats; None if it repeats none."""


class StoredOriginals:
    """The originals that a lake names already: articles read again in another order must keep them."""

    def __init__(self, originals: Mapping[str, str]) -> None:
        """Take originals by the ``article_id`` of their copies."""
        self._originals = originals

    def original_of(self, article_id: str, signature: tuple[int, ...]) -> str | None:  # noqa: ARG002  # as in Stories
        """Return the article that this one was found to repeat."""
        return self._originals.get(article_id)


class StoryIndex:
    """The wording of the last :data:`CAPACITY` stories; memory and time of a search do not grow with more."""

    def __init__(self, known: Iterable[Signed] = ()) -> None:
        """Begin with stories that are stored already, oldest first."""
        self._signatures: NDArray[np.int32] = np.full((CAPACITY, SIZE), -1, np.int32)
        self._ids: list[str | None] = [None] * CAPACITY
        self._originals: dict[str, str | None] = {}
        self._next = 0
        for story in known:
            self._remember_story(story)

    def original_of(self, article_id: str, signature: tuple[int, ...]) -> str | None:
        """Return the article that this one repeats, None if it repeats none, and remember this one too.

        An article that is remembered gets the same answer again; no article is its own original.
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
        """Return the story that shares most runs of words with a signature; None if no story shares enough."""
        sharing = np.flatnonzero(np.isin(self._signatures[:, :_KEYS], signature[:_KEYS]).any(axis=1))
        if not len(sharing):
            return None
        likeness = resemblances(signature, self._signatures[sharing])
        best = int(np.argmax(likeness))
        return self._ids[sharing[best]] if likeness[best] >= _MIN_RESEMBLANCE else None

    def _remember_story(self, story: Signed) -> None:
        """Put a story in the place of the oldest one."""
        place, self._next = self._next, (self._next + 1) % CAPACITY
        if oldest := self._ids[place]:
            del self._originals[oldest]
        self._ids[place] = story.article_id
        self._originals[story.article_id] = story.near_duplicate_of
        self._signatures[place] = -1
        self._signatures[place, : len(story.signature)] = story.signature
