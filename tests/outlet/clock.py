"""A clock that a test turns: sleeping takes no time, and is written down."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


class ManualClock:
    def __init__(self, now: datetime = NOON) -> None:
        self.slept: list[float] = []
        self._start = now
        self._passed = 0.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self._passed += seconds
