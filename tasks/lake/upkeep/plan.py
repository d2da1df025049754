"""Which batches of a lake to write anew, and into which."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Literal

import duckdb
import pyarrow as pa

from schemas.errors import StopFlow
from tasks.lake.storage.layout import stored_files
from tasks.lake.storage.parquet import open_parquet, unreadable_file
from tasks.lake.storage.protocol import Storage, StoredFile
from tasks.lake.upkeep.partition import Month, PublicationRange, partition_months
from tasks.lake.views.visibility import CLOCK_TOLERANCE

__all__ = ["CompactionPlan", "PlannedBatch", "make_plan"]

EventTable = Literal["rejects", "fetches"]

_AS_INGESTED = re.compile(r"[a-z]+/\d{4}-\d\d-\d\d/")
"""A file in the folder of a day; compaction makes folders of months."""
_MOST_ARTICLES = 25_000
"""In a file of the target size, however well they compress: they are held in memory at once."""
_SMALL = 1 / 4
"""A batch of less than this share of the target is put together with others."""
_WHOLE = 0.8
"""A batch of which a smaller share counts is written anew, without the rest."""

_FILES_AT_ONCE = 1_000
"""Files that DuckDB opens at once: it holds all their footers until it is through."""
_MAKE_LIST = """
CREATE OR REPLACE TEMP TABLE counting (
    batch_id VARCHAR, article_id VARCHAR, published_at TIMESTAMPTZ, "month" VARCHAR
)"""
_LIST_COUNTING = """
INSERT INTO counting
SELECT batch_id, article_id, published_at, coalesce(strftime(published_at, '%Y-%m'), 'undated')
FROM read_parquet($files, hive_partitioning = false)
ANTI JOIN parley.superseded USING (article_id, batch_id)"""
_LIST_AHEAD = """
SELECT DISTINCT batch_id
FROM read_parquet($files, hive_partitioning = false)
WHERE greatest(fetched_at, extracted_at) > $latest"""
_STORED = 'SELECT batch_id, "month", count(*) FROM counting GROUP BY ALL ORDER BY ALL'
_LIST_ARTICLES = """
CREATE OR REPLACE TEMP TABLE to_move AS
FROM counting
SEMI JOIN (SELECT unnest($batches) AS batch_id) AS moved USING (batch_id)"""
_PIECE = """
SELECT batch_id, list(article_id)
FROM (
    SELECT *, ntile($pieces::BIGINT) OVER (ORDER BY published_at, article_id) AS piece
    FROM to_move
    WHERE "month" BETWEEN $first AND $last
)
WHERE piece = $piece
GROUP BY batch_id
ORDER BY batch_id"""
_EVENTS: tuple[EventTable, ...] = ("rejects", "fetches")
_LIST_EVENTS = Template("SELECT batch_id, list(input) FROM $table GROUP BY batch_id ORDER BY batch_id")

State = Literal["done", "small", "loose"]


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """What is to be one batch."""

    table: Literal["articles", "rejects", "fetches"]
    """Articles come with all rows that belong to them; rejects and fetches are true on their own."""
    wanted: Mapping[str, Sequence[str]]
    """Keys (``article_id``, ``input``) of the rows that go into it, by the batch that they are in now."""


@dataclass(frozen=True, slots=True)
class CompactionPlan:
    """What is to be done; nothing where it has no length."""

    batches: tuple[str, ...]
    """To be written anew."""
    stretches: tuple[PublicationRange, ...]
    """Each is to be one batch of articles."""
    events: Mapping[EventTable, Mapping[str, Sequence[str]]]
    """Inputs whose rejects or fetches are to be put together, by table and batch; no table without any."""

    @property
    def files(self) -> int:
        """Return the number of batches of articles and files of events that are written anew."""
        return len(self.batches) + sum(map(len, self.events.values()))

    def __len__(self) -> int:
        return len(self.stretches) + len(self.events)

    def parts(self, connection: duckdb.DuckDBPyConnection) -> Iterator[PlannedBatch]:
        """Give what the new batches are to hold, one after the other: a list of all articles may be long.

        Args:
            connection: The one that the plan was made with.
        """
        for stretch in self.stretches:
            asked = {"first": stretch.first, "last": stretch.last, "piece": stretch.piece, "pieces": stretch.pieces}
            yield PlannedBatch("articles", dict(connection.execute(_PIECE, asked).fetchall()))
        for table, wanted in self.events.items():
            yield PlannedBatch(table, wanted)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A batch with articles that count."""

    file: StoredFile
    months: Mapping[str, int]
    """How many of them were published when."""
    bytes_each: float
    """An article's share of the file, without the footer: small files are mostly footer. Never next to nothing."""
    share: float
    """How much of the batch counts."""


def make_plan(
    connection: duckdb.DuckDBPyConnection, storage: Storage, target_bytes: int, *, now: datetime
) -> CompactionPlan:
    """Write anew what is as it was ingested, what is small, and what is for a good part superseded.

    Args:
        connection: With the views of the lake.
        storage: Of the lake.
        target_bytes: Least size of a file of articles, as far as there are enough of them.
        now: UTC; batches that say they are from later stay as they are, for a clock was ahead: `parley repair` can
            then move them aside without what others wrote.

    Returns:
        A plan that is empty for a lake that was compacted and has not changed since.

    Raises:
        StopFlow: A file is broken.
    """
    ahead = _find_batches_ahead(connection, now)
    listed = _list_stored(connection, storage, target_bytes / _MOST_ARTICLES)
    stored = [one for one in listed if one.file.stem not in ahead]
    moved = _choose_moved({one.file.stem: _judge_batch(one, target_bytes) for one in stored})
    connection.execute(_LIST_ARTICLES, {"batches": sorted(moved)})
    months = _measure_months(one for one in stored if one.file.stem in moved)
    events = {table: _loose_events(connection, storage, table, target_bytes) for table in _EVENTS}
    return CompactionPlan(
        tuple(sorted(moved)),
        tuple(partition_months(months, target_bytes)),
        {table: wanted for table, wanted in events.items() if wanted},
    )


def _loose_events(
    connection: duckdb.DuckDBPyConnection, storage: Storage, table: EventTable, target_bytes: int
) -> dict[str, Sequence[str]]:
    states = {file.stem: _judge_file(file, file.size_bytes, target_bytes) for file in stored_files(storage, table)}
    if not _choose_moved(states):
        return {}
    counting = dict(connection.execute(_LIST_EVENTS.substitute(table=table)).fetchall())
    loose = _choose_moved({batch: states[batch] for batch in counting if batch in states})
    return {batch: inputs for batch, inputs in counting.items() if batch in loose}


def _list_stored(connection: duckdb.DuckDBPyConnection, storage: Storage, least_bytes: float) -> Iterator[_Stored]:
    connection.execute(_MAKE_LIST)
    ((files,),) = connection.execute("SELECT getvariable('parley_articles')").fetchall()
    for start in range(0, len(files), _FILES_AT_ONCE):
        connection.execute(_LIST_COUNTING, {"files": files[start : start + _FILES_AT_ONCE]})
    months: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for batch_id, month, articles in connection.execute(_STORED).fetchall():
        months[batch_id][month] = articles
    for file in stored_files(storage, "articles"):
        if file.stem in months:
            rows, footer_bytes = _read_footer(storage, file.name)
            share = sum(months[file.stem].values()) / rows
            bytes_each = max(least_bytes, (file.size_bytes - footer_bytes) / rows)
            yield _Stored(file, months[file.stem], bytes_each, share)


def _find_batches_ahead(connection: duckdb.DuckDBPyConnection, now: datetime) -> set[str]:
    ((files,),) = connection.execute("SELECT getvariable('parley_articles')").fetchall()
    found: set[str] = set()
    for start in range(0, len(files), _FILES_AT_ONCE):
        asked = {"files": files[start : start + _FILES_AT_ONCE], "latest": now + CLOCK_TOLERANCE}
        found |= {batch for (batch,) in connection.execute(_LIST_AHEAD, asked).fetchall()}
    return found


def _read_footer(storage: Storage, name: str) -> tuple[int, int]:
    """Return the number of rows, at least 1, and the size of the footer."""
    try:
        with open_parquet(storage, name) as file:
            return max(1, file.metadata.num_rows), file.metadata.serialized_size
    except FileNotFoundError as error:
        raise StopFlow(f"{name} was taken away meanwhile; run again") from error
    except (OSError, pa.ArrowException) as error:
        raise unreadable_file(name, error) from error


def _judge_batch(stored: _Stored, target_bytes: int) -> State:
    if stored.share < _WHOLE:
        return "loose"
    return _judge_file(stored.file, stored.bytes_each * sum(stored.months.values()), target_bytes)


def _judge_file(file: StoredFile, size_bytes: float, target_bytes: int) -> State:
    if _AS_INGESTED.match(file.name):
        return "loose"
    return "small" if size_bytes < target_bytes * _SMALL else "done"


def _choose_moved(states: Mapping[str, State]) -> set[str]:
    """Return the batches to be written anew; one small batch alone stays as it is, for nothing can be put to it."""
    moved = {batch for batch, state in states.items() if state != "done"}
    return moved if len(moved) > 1 or "loose" in states.values() else set()


def _measure_months(stored: Iterable[_Stored]) -> list[Month]:
    sizes: Counter[str] = Counter()
    for one in stored:
        sizes.update({month: round(one.bytes_each * count) for month, count in one.months.items()})
    return [Month(name, size) for name, size in sorted(sizes.items())]
