"""The wording of a story as a few numbers, so that copies of it are known again without its text.

A bottom-k sketch (A. Broder, "On the resemblance and containment of documents", 1997): of the hashes of all runs
of four words, the least are kept. Two sketches tell how many of their runs two stories share.
"""

from collections.abc import Iterable
from hashlib import blake2b
from heapq import nsmallest
from itertools import islice

from tasks.language.folding import fold

__all__ = ["SIZE", "resemblance", "sign_story"]

SIZE = 64
"""Numbers in a sketch; the estimate of a share of one half is then good to 0.06 (one standard deviation)."""
_RUN = 4
_MIN_RUNS = 20
"""A shorter story has no signature: flashes of a line or two resemble one another without being copies."""
_BITS = 31
"""What a signed column of four bytes holds."""


def sign_story(paragraphs: Iterable[str]) -> tuple[int, ...]:
    """The signature of a story.

    Args:
        paragraphs: Lead and body as cleaned, without captions, by-lines and links; NFC.

    Returns:
        Up to :data:`SIZE` numbers below 2³¹, ascending, each once; none for a story of under 23 words.
    """
    words = "".join(char if char.isalnum() else " " for char in fold("\n".join(paragraphs))).split()
    runs = {_hash(" ".join(run)) for run in zip(*(islice(words, start, None) for start in range(_RUN)), strict=False)}
    return tuple(nsmallest(SIZE, runs)) if len(runs) >= _MIN_RUNS else ()


def resemblance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Which share of all their runs of words two stories have in common, estimated; 0 to 1.

    Args:
        one: Signature of a story.
        other: Signature of another.
    """
    if not one or not other:
        return 0.0
    least = nsmallest(SIZE, {*one, *other})
    both = {*one} & {*other}
    return sum(number in both for number in least) / len(least)


def _hash(run: str) -> int:
    return int.from_bytes(blake2b(run.encode(), digest_size=4).digest()) >> (32 - _BITS)
