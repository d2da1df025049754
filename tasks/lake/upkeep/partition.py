"""Where to cut a long row of articles into batches of a good size; at the ends of months where that can be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Month", "PublicationRange", "partition_months"]


@dataclass(frozen=True, slots=True)
class Month:
    """How much was published in a month."""

    name: str
    """``2026-03``, or ``undated``; in the order of the names."""
    size_bytes: float


@dataclass(frozen=True, slots=True)
class PublicationRange:
    """One of several equal pieces of what was published from one month to another."""

    first: str
    last: str
    """Belongs to it."""
    piece: int
    """From 1."""
    pieces: int


def partition_months(months: Iterable[Month], target_bytes: int) -> Iterator[PublicationRange]:
    """Cut into pieces of at least the target and less than twice that; only the last one may be smaller.

    Args:
        months: In the order of their names, each once; may be empty.
        target_bytes: Above 0.
    """
    pending: list[Month] = []
    for month in months:
        if _sum_sizes(pending) >= target_bytes:
            yield from _split_evenly(pending, target_bytes)
            pending = []
        pending.append(month)
    if pending:
        yield from _split_evenly(pending, target_bytes)


def _split_evenly(months: list[Month], target_bytes: int) -> Iterator[PublicationRange]:
    pieces = max(1, int(_sum_sizes(months) / target_bytes))
    for piece in range(1, pieces + 1):
        yield PublicationRange(months[0].name, months[-1].name, piece, pieces)


def _sum_sizes(months: list[Month]) -> float:
    return sum(month.size_bytes for month in months)
