"""The health of a lake: how fresh its rows are, which sources are silent, how many files it has."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from schemas.tables import TABLES
from tasks.lake import CLOCK_TOLERANCE, Lake, lake_files

__all__ = [
    "Freshness",
    "LakeSize",
    "SourceHealth",
    "count_articles_ahead",
    "measure_freshness",
    "measure_size",
    "source_health",
]

SMALL_BYTES = 8_000_000
"""Files below this are worth putting together."""

# An article counts from the batch that first stored it; rows made anew later (`parley reextract`) from their page.
_FRESHNESS = """
WITH arrived AS (
    SELECT epoch(if(extracted_at - fetched_at < INTERVAL 1 HOUR, extracted_at, fetched_at) - published_at) AS lag
    FROM articles
    WHERE fetched_at >= $since AND published_at >= $since::TIMESTAMPTZ - INTERVAL 7 DAYS
        AND published_from IN ('feed', 'meta')
)
SELECT count(*), quantile_cont(greatest(lag, 0), 0.5), quantile_cont(greatest(lag, 0), 0.95) FROM arrived"""

_REJECTED = """
SELECT
    count(*) FILTER (state IN ('stored', 'unchanged', 'rejected')) AS inputs,
    count(*) FILTER (state = 'rejected') AS rejected,
    count(*) FILTER (state = 'later') AS put_off
FROM outcomes
WHERE "at" >= $since"""

_AHEAD = "SELECT count(*) FROM articles WHERE greatest(fetched_at, extracted_at) > $latest"

_SOURCES = """
SELECT source, min("at") AS since, max(newest) AS newest, coalesce(any_value(articles), 0) AS articles
FROM fetches
LEFT JOIN (
    SELECT source, max(fetched_at) AS newest, count(*) AS articles FROM articles GROUP BY source
) USING (source)
WHERE kind = 'feed'
GROUP BY source
ORDER BY source"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How long after publication articles are stored, and what share of the inputs is not."""

    since: datetime
    """Of what arrived from then on; UTC."""
    articles: int
    """Stored since then, published at most a week before, with a time of publication from a feed or the page."""
    median_seconds: float | None
    """From publication to the row; None without articles."""
    p95_seconds: float | None
    inputs: int
    """Links and files with an outcome since then; without copies of the same address."""
    rejected: int
    """Of them."""
    put_off: int
    """Links that wait for another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """A source whose feeds have been read at least once."""

    source: str
    since: datetime
    """When its feeds were first read; UTC."""
    newest: datetime | None
    """When its newest article was fetched; None if there is none yet."""
    articles: int

    @property
    def heard(self) -> datetime:
        """Return when it was last heard of: the time from which silence counts."""
        return self.newest or self.since

    def is_silent(self, now: datetime, after: timedelta) -> bool:
        """Return True if it has given no article for so long."""
        return now - self.heard > after


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeSize:
    """What a lake takes."""

    files: int
    size_bytes: int
    small_files: int
    """Files worth putting together."""


def measure_freshness(connection: duckdb.DuckDBPyConnection, now: datetime, *, hours: float = 24) -> Freshness:
    """Measure how fresh the articles of the last hours are, in a lake that is open."""
    since = now - timedelta(hours=hours)
    (lags,) = connection.execute(_FRESHNESS, {"since": since}).fetchall()
    (counts,) = connection.execute(_REJECTED, {"since": since}).fetchall()
    return Freshness(
        since=since,
        articles=lags[0],
        median_seconds=lags[1],
        p95_seconds=lags[2],
        inputs=counts[0],
        rejected=counts[1],
        put_off=counts[2],
    )


def source_health(connection: duckdb.DuckDBPyConnection) -> tuple[SourceHealth, ...]:
    """Return the sources that an open lake has read feeds of, by name; may be empty."""
    rows = connection.execute(_SOURCES).fetchall()
    return tuple(SourceHealth(source=name, since=since, newest=new, articles=n) for name, since, new, n in rows)


def count_articles_ahead(connection: duckdb.DuckDBPyConnection, now: datetime) -> int:
    """Return how many articles of an open lake say that they were read later than now: a writer's clock was ahead.

    They count before whatever is read of the same articles until that time has come.
    """
    ((count,),) = connection.execute(_AHEAD, {"latest": now + CLOCK_TOLERANCE}).fetchall()
    return int(count)


def measure_size(lake: Lake) -> LakeSize:
    """Count the files and bytes of all tables."""
    sizes = [file.size_bytes for table in TABLES for file in lake_files(lake, table)]
    return LakeSize(files=len(sizes), size_bytes=sum(sizes), small_files=sum(size < SMALL_BYTES for size in sizes))
