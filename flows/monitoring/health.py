"""The health of a lake: how fresh its rows are, which sources are silent, how many files it has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from schemas.tables import TABLES
from tasks.lake import CLOCK_TOLERANCE, Lake, lake_files

__all__ = [
    "Freshness",
    "LakeHealth",
    "LakeSize",
    "SourceHealth",
    "count_articles_ahead",
    "count_broken_files",
    "measure_freshness",
    "measure_size",
    "source_health",
]

LEAST_PAUSES = 6
"""Of fewer pauses between articles, a rhythm says nothing."""
PATIENCE = 1.5
"""Times the usual pause; then a source is silent."""
LEAST_PATIENCE = timedelta(hours=6)
"""A source that publishes every few minutes may have a quiet night."""
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

# The usual pause is the third longest of a month: longer than a night or a weekend, and a single outage does not count.
# A source without feeds, which is a folder that somebody fills, is judged only if it has a rhythm.
_SOURCES = """
WITH arrivals AS (SELECT DISTINCT source, date_trunc('minute', fetched_at) AS "at" FROM articles),
pauses AS (
    SELECT source, "at" - lag("at") OVER (PARTITION BY source ORDER BY "at") AS pause
    FROM arrivals
    WHERE "at" >= $now::TIMESTAMPTZ - INTERVAL 30 DAYS
),
rhythms AS (
    SELECT source, list(pause ORDER BY pause DESC)[3] AS usual_pause
    FROM pauses
    GROUP BY source
    HAVING count(pause) >= $least
),
given AS (SELECT source, min(fetched_at) AS first, max(fetched_at) AS newest, count(*) AS articles
    FROM articles GROUP BY source),
read AS (SELECT source, min("at") AS since FROM fetches WHERE kind = 'feed' GROUP BY source)
SELECT
    source, coalesce(since, first), newest, coalesce(articles, 0), epoch(usual_pause), since IS NOT NULL AS is_watched
FROM read FULL JOIN given USING (source) LEFT JOIN rhythms USING (source)
WHERE since IS NOT NULL OR usual_pause IS NOT NULL
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
    """A source whose feeds have been read at least once, or a folder that articles come from again and again."""

    source: str
    since: datetime
    """When its feeds were first read, or its first article; UTC."""
    newest: datetime | None
    """When its newest article was fetched; None if there is none yet."""
    articles: int
    usual_pause: timedelta | None = None
    """The third longest pause between its articles in the last 30 days; None if there were too few of them."""
    is_watched: bool = True
    """It has feeds."""

    @property
    def heard(self) -> datetime:
        """Return when it was last heard of: the time from which silence counts."""
        return self.newest or self.since

    def is_silent(self, now: datetime, otherwise: timedelta) -> bool:
        """Return True if it has given no article for much longer than is usual for it.

        Args:
            now: UTC.
            otherwise: From when on silence counts for a source that has no rhythm yet.
        """
        usual = max(LEAST_PATIENCE, PATIENCE * self.usual_pause) if self.usual_pause else otherwise
        return now - self.heard > usual


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeSize:
    """What a lake takes."""

    files: int
    size_bytes: int
    small_files: int
    """Files worth putting together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeHealth:
    """A lake at a moment."""

    size: LakeSize
    fresh: Freshness
    sources: tuple[SourceHealth, ...]
    silent: tuple[SourceHealth, ...]
    broken_files: int
    """Files that ``parley repair`` has moved aside."""
    articles_ahead: int
    """Articles that a clock which was ahead has dated later than now."""


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


def source_health(connection: duckdb.DuckDBPyConnection, now: datetime) -> tuple[SourceHealth, ...]:
    """Return the sources that an open lake has read again and again, by name; may be empty.

    Args:
        connection: To the lake.
        now: UTC; rhythms are those of the 30 days before.
    """
    rows = connection.execute(_SOURCES, {"now": now, "least": LEAST_PAUSES}).fetchall()
    return tuple(
        SourceHealth(
            source=name,
            since=since,
            newest=newest,
            articles=articles,
            usual_pause=None if pause is None else timedelta(seconds=pause),
            is_watched=is_watched,
        )
        for name, since, newest, articles, pause, is_watched in rows
    )


def count_broken_files(lake: Lake) -> int:
    """Count the files that ``parley repair`` has moved aside in a lake on a disk; 0 for one in an object store."""
    return sum(1 for _ in (Path(lake) / "broken").rglob("*.parquet")) if "://" not in str(lake) else 0


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
