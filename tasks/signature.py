"""Sum up the wording of a story in a few numbers, so that copies of it are known again without its text.

This is a bottom-k sketch (A. Broder, "On the resemblance and containment of documents", 1997): of the hashes of all
runs of four words, the least are kept. Two sketches tell how many of their runs two stories share.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from heapq import nsmallest
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tasks.language.folding import fold

__all__ = ["SIZE", "resemblances", "sign_story"]

SIZE = 64
"""Count of numbers in a sketch; an estimated share of one half is then good to 0.06 (one standard deviation)."""
_RUN = 4
"""Words in a run."""
_MIN_RUNS = 20
"""A shorter story has no signature: flashes of a line or two resemble one another without being copies."""
_BITS = 31
"""Bits of a hash; a signed column of four bytes holds no more."""


def sign_story(paragraphs: Iterable[str]) -> tuple[int, ...]:
    """Return the signature of a story.

    Args:
        paragraphs: Lead and body as cleaned, without captions, by-lines and links; NFC.

    Returns:
        Up to :data:`SIZE` numbers below 2³¹, ascending, each once; none for a story of under 23 words.
    """
    words = "".join(char if char.isalnum() else " " for char in fold("\n".join(paragraphs))).split()
    runs = {
        _hash_run(" ".join(run)) for run in zip(*(islice(words, start, None) for start in range(_RUN)), strict=False)
    }
    return tuple(nsmallest(SIZE, runs)) if len(runs) >= _MIN_RUNS else ()


def resemblances(one: Sequence[int], others: NDArray[np.int32]) -> NDArray[np.float64]:
    """Estimate the share of all their runs of words that a story has in common with each of the others.

    Args:
        one: Signature of a story.
        others: Signatures, one a row: ``(stories, SIZE)``, ascending, with -1 behind the last number.

    Returns:
        0 to 1 for each row.
    """
    sketch, there = np.array(one, np.int32), others >= 0
    if not len(sketch):
        return np.zeros(len(others))
    below = np.searchsorted(sketch, others)
    shared = there & (sketch[np.minimum(below, len(sketch) - 1)] == others)
    # Only the least numbers of both stories together are a fair sample; a number's place among them is its rank.
    rank = np.arange(SIZE) + below - (np.cumsum(shared, axis=1) - shared)
    sampled = np.minimum(SIZE, there.sum(axis=1) + len(sketch) - shared.sum(axis=1))
    share: NDArray[np.float64] = (shared & (rank < SIZE)).sum(axis=1) / sampled
    return share


def _hash_run(run: str) -> int:
    return int.from_bytes(blake2b(run.encode(), digest_size=4).digest()) >> (32 - _BITS)
