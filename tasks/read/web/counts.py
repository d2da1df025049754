"""The facts of one fetch while it is under way."""

from dataclasses import dataclass

from schemas.fetching import FetchFacts, RobotsVerdict

__all__ = ["FetchCounts"]


@dataclass(slots=True)
class FetchCounts:
    """Counts tries, hops and bytes of a fetch; ``facts`` is what its outcome carries."""

    attempts: int = 0
    redirects: int = 0
    status: int | None = None
    robots: RobotsVerdict | None = None
    crawl_delay_seconds: float | None = None
    waited_seconds: float = 0.0
    wire_bytes: int = 0

    def begin_attempt(self) -> None:
        """Count one more try, which begins at the first URL again."""
        self.attempts += 1
        self.redirects = 0

    def count_wire(self, size: int) -> None:
        """Count bytes that came in."""
        self.wire_bytes += size

    def facts(self) -> FetchFacts:
        """Return what is known by now."""
        return FetchFacts(
            attempts=self.attempts,
            redirects=self.redirects,
            status=self.status,
            robots=self.robots,
            crawl_delay_seconds=self.crawl_delay_seconds,
            waited_seconds=self.waited_seconds,
            wire_bytes=self.wire_bytes,
        )
