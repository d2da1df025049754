"""Answers as of an earlier time, and what they lack."""

from datetime import UTC, datetime

from flows.cli.output.messages import count, say
from tasks.lake import count_forgotten

__all__ = ["read_moment"]


def read_moment(lake: str, as_of: datetime | None) -> datetime | None:
    """The time with its zone, UTC unless it has one; says so where what was known then is not all there any more.

    Raises:
        StopFlow: There is no lake, or a file is broken.
    """
    if as_of is None:
        return None
    at = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    if gone := count_forgotten(lake, at):
        say(f"{count(gone, 'article')} read by then left out: only later extractions of them are stored.")
    return at
