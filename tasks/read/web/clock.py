"""Time as an argument, so that tests need not wait."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the time of day, UTC."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards, from an unknown beginning."""

    async def sleep(self, seconds: float) -> None:
        """Return no sooner than this many seconds from now."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds since about the start of the machine."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return no sooner than this many seconds from now."""
        await asyncio.sleep(seconds)
