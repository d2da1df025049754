"""Batches: what one append writes, whole or not at all."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from schemas.articles import Article, BatchStamp, RunStamp
from schemas.columns import to_table
from schemas.fetches import Fetch
from schemas.meetings import Meeting
from schemas.pages import RawPage
from schemas.quotes import Quote
from schemas.rejects import EventStamp, Reject
from schemas.tables import TABLES
from schemas.topics import Topic
from tasks.lake.integrity.records import Targets, check_row, row_id
from tasks.lake.storage.batch_files import BatchFile, with_batch_files
from tasks.lake.storage.layout import open_storage
from tasks.lake.storage.parquet import check_write_deadline, publish_parquet
from tasks.lake.storage.protocol import Lake
from tasks.lake.views.visibility import tables_of_articles

__all__ = ["Batch", "append_batch", "drop_faulty_rows"]

RowType = TypeVar("RowType", Meeting, Quote, Topic)


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
    rows = {name: tuple(_stamp_rows(batch, name, written_at)) for name in TABLES}
    tables = {name: to_table(rows[name], schema) for name, schema in TABLES.items() if rows[name]}
    storage, begun = open_storage(lake), time.time()
    written: dict[str, BatchFile] = {}
    for name, table in tables.items():
        check_write_deadline(begun)
        if name == "articles":
            others = [written[other] for other in tables_of_articles() if other in written]
            table = with_batch_files(table, others)
        written[name] = publish_parquet(table, storage, _file_name(name, batch))
    return {name: len(stamped) for name, stamped in rows.items()}


def drop_faulty_rows(batch: Batch) -> tuple[Batch, tuple[str, ...]]:
    """Take out of a batch the rows that do not point at their words, as a fault of a rule may make them.

    A quote that was said at a meeting that goes stays, without the meeting; the topics of what goes go with it.

    Returns:
        The batch with the rows that may be stored, and in words what was wrong with each of the others.
    """
    texts = {article.article_id: article.text for article in batch.articles}
    faults: list[str] = []
    meetings = _sound_rows(batch.meetings, texts, {}, faults)
    there = frozenset(meeting.meeting_id for meeting in meetings)
    quotes = _sound_rows(_without_lost_meetings(batch, there), texts, {"meeting": there}, faults)
    targets = {
        "article": frozenset(texts),
        "meeting": there,
        "quote": frozenset(quote.quote_id for quote in quotes),
    }
    topics = _sound_rows(batch.topics, texts, targets, faults)
    if not faults:
        return batch, ()
    return replace(batch, meetings=meetings, quotes=quotes, topics=topics), tuple(faults)


def _without_lost_meetings(batch: Batch, there: frozenset[str]) -> tuple[Quote, ...]:
    lost = {meeting.meeting_id for meeting in batch.meetings} - there
    return tuple(replace(quote, meeting_id=None) if quote.meeting_id in lost else quote for quote in batch.quotes)


def _sound_rows(
    rows: tuple[RowType, ...], texts: Mapping[str, str], targets: Targets, faults: list[str]
) -> tuple[RowType, ...]:
    """Return the rows with which nothing is wrong; what is wrong with the others is added to the faults."""
    sound = []
    for row in rows:
        messages = list(check_row(row, texts[row.article_id], targets))
        if messages:
            faults.append(f"{type(row).__name__.lower()} {row_id(row)} of {row.article_id}: {'; '.join(messages)}")
        else:
            sound.append(row)
    return tuple(sound)


def _stamp_rows(batch: Batch, table: str, written_at: datetime) -> Iterator[tuple[object, ...]]:
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


def _file_name(table: str, batch: Batch) -> str:
    # The day of extraction, not of writing: an append tried again after midnight meets its own files.
    day = batch.extracted_at.astimezone(UTC).date().isoformat()
    return f"{table}/{day}/{batch.batch_id}.parquet"
