"""The gate of a host: requests go through one by one, spaced; a few answers may be under way at once.

The pause is counted from the beginning of an answer, not from our asking: whatever the network does
to the timing, the host never sees two requests closer together than it was promised, and a host
that has become slow is asked less often.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from schemas.errors import RejectArticle, RetryLater
from tasks.read.web.clock import Clock

__all__ = ["Gate"]


class Gate:
    """Spaces the requests to one host, for one run."""

    def __init__(self, host: str, clock: Clock) -> None:
        self._host = host
        self._clock = clock
        self._turn = asyncio.Lock()
        self._left = asyncio.Event()
        self._inside = 0
        self._answered_at = -math.inf
        self._closed_until = -math.inf
        self._why_closed = ""
        self._failures = 0

    @asynccontextmanager
    async def seat(self, concurrency: int) -> AsyncIterator[None]:
        """Wait to be one of at most ``concurrency`` requests whose answers are under way."""
        while self._inside >= max(1, concurrency):
            self._left.clear()
            await self._left.wait()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._left.set()

    @asynccontextmanager
    async def turn(self, interval_seconds: float, *, patience_seconds: float) -> AsyncIterator[None]:
        """Wait to be the only request, ``interval_seconds`` after the last answer began, until the own answer begins.

        Raises:
            RetryLater: ``host_paused`` if the gate stays closed for longer than
                ``patience_seconds``.
        """
        async with self._turn:
            while (left := self._opens_in(interval_seconds)) > 0:  # it may have been closed while we slept
                self._check_patience(patience_seconds)
                await self._clock.sleep(left)
            try:
                yield
            finally:
                self._answered_at = self._clock.monotonic()

    @contextmanager
    def count_failures(self, *, most_failures: int, pause_seconds: float) -> Iterator[None]:
        """Count failures in a row.

        At the last allowed one close the gate, instead of asking for every other URL.
        """
        try:
            yield
        except RetryLater as error:
            self._failures += 1
            if self._failures >= most_failures:
                self.close_for(pause_seconds, f"failed {self._failures} times in a row ({error.code})")
            raise
        except RejectArticle:
            self._failures = 0
            raise
        self._failures = 0

    def close_for(self, seconds: float, why: str) -> None:
        """Let no request through for a while."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)
        self._why_closed = why

    def _opens_in(self, interval_seconds: float) -> float:
        return max(self._answered_at + interval_seconds, self._closed_until) - self._clock.monotonic()

    def _check_patience(self, patience_seconds: float) -> None:
        pause = self._closed_until - self._clock.monotonic()
        if pause > patience_seconds:
            raise RetryLater("host_paused", f"{self._host} {self._why_closed}; {pause:.0f} seconds are left", pause)
