"""Retries: when, how often, and when to give up for now."""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from schemas.errors import RetryLater
from schemas.settings import FetchSettings

__all__ = ["Draw", "backoff_seconds", "draw_evenly", "retry", "retry_after_seconds"]

Draw = Callable[[float], float]
"""Draws a pause from 0 to its argument, in seconds."""
_LONGEST_PAUSE = 7 * 86_400.0
"""A week, in seconds; dates of longer pauses would overflow."""

_T = TypeVar("_T")


def draw_evenly(most: float) -> float:
    """Draw with full jitter, so that requests that failed together do not come back together.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    """
    return random.uniform(0, most)  # noqa: S311 - spreads load, keeps no secret


def backoff_seconds(failures: int, settings: FetchSettings, draw: Draw) -> float:
    """Return how long to pause, in seconds, after this many failures in a row, from 1."""
    return draw(min(settings.max_backoff_seconds, settings.backoff_seconds * 2.0 ** min(failures - 1, 32)))


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, as number or date; 0 for the past, None for nonsense.

    Source: RFC 9110, section 10.2.3.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(_LONGEST_PAUSE, int(text[:12])))
    try:
        asked = parsedate_to_datetime(text)
        pause = (asked if asked.tzinfo else asked.replace(tzinfo=now.tzinfo)) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(_LONGEST_PAUSE, max(0.0, pause.total_seconds()))


async def retry(
    attempt: Callable[[], Awaitable[_T]], pause: Callable[[float], Awaitable[None]], settings: FetchSettings, draw: Draw
) -> _T:
    """Try until it works, the tries are used up, or the other side asks for a longer pause than we wait.

    A second time-out is the last try: a host that drips or stays silent would hold up a run for
    minutes.

    Raises:
        RetryLater: Of the last try.
    """
    timeouts = 0
    for failures in range(1, settings.attempts):
        try:
            return await attempt()
        except RetryLater as error:
            asked = error.wait_seconds or 0.0
            timeouts += error.code == "timeout"
            if asked > settings.max_retry_after_seconds or timeouts > 1:
                raise
            await pause(max(asked, backoff_seconds(failures, settings, draw)))
    return await attempt()
