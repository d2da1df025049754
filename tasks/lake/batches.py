"""Batches: what one append writes, whole or not at all."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.articles import Article, BatchStamp, RunStamp
from schemas.columns import to_table
from schemas.fetches import Fetch
from schemas.meetings import Meeting
from schemas.pages import RawPage
from schemas.quotes import Quote
from schemas.rejects import EventStamp, Reject
from schemas.tables import TABLES
from schemas.topics import Topic
from tasks.lake.storage.layout import open_storage
from tasks.lake.storage.parquet import check_write_deadline, publish_parquet
from tasks.lake.storage.protocol import Lake

__all__ = ["Batch", "append_batch"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles with everything found in them, and the inputs that became no article.

    Raises:
        ValueError: An article is in it twice, a row belongs to none of its articles, or a time has no zone.
    """

    batch_id: str
    """Names its files; the same id means the same rows, so take a new one for every attempt."""
    run_id: str
    extracted_at: datetime
    """UTC; the newest extraction of an article counts, so later inputs of a run need later times."""
    articles: tuple[Article, ...]
    """Each ``article_id`` once."""
    meetings: tuple[Meeting, ...]
    quotes: tuple[Quote, ...]
    topics: tuple[Topic, ...]
    rejects: tuple[Reject, ...]
    extractor: str
    """Version of code and language packs."""
    fetches: tuple[Fetch, ...] = ()
    pages: tuple[RawPage, ...] = ()

    def __post_init__(self) -> None:
        if self.extracted_at.tzinfo is None:
            raise ValueError(f"batch {self.batch_id}: extracted_at {self.extracted_at} has no time zone")
        counts = Counter(article.article_id for article in self.articles)
        if twice := sorted(article for article, count in counts.items() if count > 1):
            raise ValueError(f"batch {self.batch_id}: articles stored twice: {twice}; keep the one read last")
        rows: tuple[Meeting | Quote | Topic, ...] = (*self.meetings, *self.quotes, *self.topics)
        if stray := sorted({row.article_id for row in rows} - counts.keys()):
            raise ValueError(f"batch {self.batch_id}: rows of articles that are not in it: {stray}")


def append_batch(lake: Lake, batch: Batch, *, written_at: datetime) -> dict[str, int]:
    """Add a batch to a lake: all of its tables appear together, when ``articles`` is published.

    Killed on the way, it leaves nothing that the views show but rejects, which are true on their own. Needs no
    lock: any number of processes may append at once. A batch that is stored already stays as it is.

    Args:
        lake: A lake (:func:`tasks.lake.create_lake`).
        batch: What to add.
        written_at: Now, UTC.

    Returns:
        Rows per table, for every table.

    Raises:
        StopFlow: A file cannot be written, or does not read back.
        TypeError: Records and schemas disagree.
    """
    rows = {name: tuple(_stamped(batch, name, written_at)) for name in TABLES}
    tables = {name: to_table(rows[name], schema) for name, schema in TABLES.items() if rows[name]}
    storage, begun = open_storage(lake), time.time()
    for name, table in tables.items():
        check_write_deadline(begun)
        publish_parquet(table, storage, _name(name, batch))
    return {name: len(stamped) for name, stamped in rows.items()}


def _stamped(batch: Batch, table: str, written_at: datetime) -> Iterator[tuple[object, ...]]:
    stamps: tuple[object, ...] = (BatchStamp(batch.batch_id),)
    if table == "articles":
        stamps = (_run_stamp(batch, written_at), *stamps)
    elif table in ("rejects", "fetches", "pages"):
        stamps = (EventStamp(at=batch.extracted_at, run_id=batch.run_id), *stamps)
    for record in getattr(batch, table):
        yield record, *stamps


def _run_stamp(batch: Batch, written_at: datetime) -> RunStamp:
    return RunStamp(
        extracted_at=batch.extracted_at, written_at=written_at, extractor=batch.extractor, run_id=batch.run_id
    )


def _name(table: str, batch: Batch) -> str:
    # The day of extraction, not of writing: an append tried again after midnight meets its own files.
    day = batch.extracted_at.astimezone(UTC).date().isoformat()
    return f"{table}/{day}/{batch.batch_id}.parquet"
