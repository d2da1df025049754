"""Taking away files of which nothing counts any more: superseded batches, what crashed writers left, old raw pages.

What may go follows from the one rule of the views, applied to the files that were there before a grace period began:
a batch that does not count among these was superseded by one that all readers of today have seen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.settings import MaintainSettings
from schemas.tables import TABLES
from tasks.lake.query.connections import connect_for_upkeep, native_root
from tasks.lake.storage.layout import INDEX_FOLDER, columns_file
from tasks.lake.storage.protocol import Storage, StoredFile
from tasks.lake.views.views_file import escape_glob
from tasks.lake.views.visibility import (
    CLOCK_TOLERANCE,
    counting_articles,
    current_articles,
    newest_fetches,
    newest_rejects,
    tables_of_articles,
)

__all__ = ["Removal", "find_removals"]

_TEMPORARY = ".tmp"


@dataclass(frozen=True, slots=True)
class Removal:
    """Files that go together, in this order: ``articles`` first, so that a batch never counts in part."""

    files: tuple[StoredFile, ...]
    unless: str | None = None
    """They belong to a batch that is being written after all if this file is there now."""


def find_removals(storage: Storage, settings: MaintainSettings, *, now: datetime) -> Iterator[Removal]:
    """Give what may be deleted.

    Rows of the future supersede nothing here: a writer's clock was ahead, and the right rows must outlive its mistake.

    Args:
        storage: Of a lake.
        settings: How long a batch must have been superseded, a file have lain about, a page have been kept.
        now: UTC.

    Raises:
        StopFlow: A file is broken.
    """
    # Articles last: a batch that is published meanwhile must not look like one that was left behind.
    listed = {table: storage.list_files(table) for table in TABLES}
    batches = {table: [file for file in files if _is_batch_file(file, table)] for table, files in listed.items()}
    old = {table: _older_than(files, now - settings.grace) for table, files in batches.items()}
    lake = _Files(storage, batches, old, now + CLOCK_TOLERANCE)
    yield from _find_superseded(lake)
    yield from _find_dead_rejects(lake)
    yield from _find_dead_fetches(lake)
    yield from _find_outlived_pages(old["pages"], settings, now)
    before = now - max(settings.grace, settings.leftover)
    yield from _find_orphans(batches, before)
    for files in (*listed.values(), storage.list_files(INDEX_FOLDER)):
        yield from _find_temporary_files(files, before)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a lake, as they were listed."""

    storage: Storage
    batches: Mapping[str, Sequence[StoredFile]]
    """By table."""
    old: Mapping[str, Sequence[StoredFile]]
    """Those of them that were there before the grace period began."""
    latest: datetime
    """UTC; what says that it happened later was written by a clock that was ahead."""


def _is_batch_file(file: StoredFile, table: str) -> bool:
    return file.name.endswith(".parquet") and file.name != columns_file(table)


def _older_than(files: Iterable[StoredFile], time: datetime) -> list[StoredFile]:
    return [file for file in files if file.modified_at <= time]


def _find_superseded(lake: _Files) -> Iterator[Removal]:
    counting = _ask_batches(lake, current_articles(_read_sql("articles")), {"articles": lake.old["articles"]})
    counting |= _ask_batches(lake, _read_sql("articles", ahead=True), {"articles": lake.old["articles"]})
    tables = [table for table in tables_of_articles() if table != "articles"]
    below = {table: {file.stem: file for file in lake.batches[table]} for table in tables}
    for file in lake.old["articles"]:
        if file.stem not in counting:
            yield Removal((file, *(below[table][file.stem] for table in tables if file.stem in below[table])))


def _find_dead_rejects(lake: _Files) -> Iterator[Removal]:
    query = newest_rejects(_read_sql("rejects"), counting_articles(_read_sql("articles")))
    # An article that counted may be superseded by one from another input, and its reject then counts again.
    counting = _ask_batches(lake, _read_sql("rejects", ahead=True), {"rejects": lake.old["rejects"]})
    for files in (lake.old, lake.batches):
        counting |= _ask_batches(lake, query, {table: files[table] for table in ("rejects", "articles")})
    yield from (Removal((file,)) for file in lake.old["rejects"] if file.stem not in counting)


def _find_dead_fetches(lake: _Files) -> Iterator[Removal]:
    files = {"fetches": lake.old["fetches"]}
    counting = _ask_batches(lake, newest_fetches(_read_sql("fetches")), files)
    counting |= _ask_batches(lake, _read_sql("fetches", ahead=True), files)
    yield from (Removal((file,)) for file in lake.old["fetches"] if file.stem not in counting)


def _find_outlived_pages(pages: Sequence[StoredFile], settings: MaintainSettings, now: datetime) -> Iterator[Removal]:
    """Give files of pages that are too old, or too much; they are true on their own, so that none is missed."""
    kept_bytes = 0
    for file in sorted(pages, key=lambda page: (page.modified_at, page.stem), reverse=True):  # a name tells the time
        kept_bytes += file.size_bytes
        too_old = settings.pages_age is not None and file.modified_at <= now - settings.pages_age
        if too_old or (settings.pages_bytes is not None and kept_bytes > settings.pages_bytes):
            yield Removal((file,))


def _find_orphans(batches: Mapping[str, Sequence[StoredFile]], before: datetime) -> Iterator[Removal]:
    """Give files whose batch never published its articles."""
    published = {file.stem for file in batches["articles"]}
    for table in tables_of_articles():
        for file in _older_than(batches[table], before):
            if file.stem not in published:
                yield Removal((file,), unless="articles" + file.name.removeprefix(table))


def _find_temporary_files(files: Sequence[StoredFile], before: datetime) -> Iterator[Removal]:
    for file in _older_than(files, before):
        if file.name.endswith(_TEMPORARY):
            yield Removal((file,))


def _read_sql(table: str, *, ahead: bool = False) -> str:
    """Return SQL of the rows of the listed files of a table: those of a right clock, or those of one that was ahead.

    Of the columns that files of all versions have, so that not all files need to be open at once.
    """
    time = "greatest(fetched_at, extracted_at)" if table == "articles" else '"at"'
    condition = f"{time} > $latest" if ahead else f"{time} <= $latest"
    return f"(FROM read_parquet(${table}, hive_partitioning = false) WHERE {condition})"


def _ask_batches(lake: _Files, rows: str, files: Mapping[str, Sequence[StoredFile]]) -> set[str]:
    """Return the batches of the rows that a query over these files gives."""
    names = {table: [columns_file(table), *(file.name for file in some)] for table, some in files.items()}
    root = native_root(lake.storage)
    patterns = {table: [escape_glob(f"{root}/{name}") for name in some] for table, some in names.items()}
    query = f"SELECT DISTINCT batch_id FROM ({rows})"  # noqa: S608  # SQL of ours
    with connect_for_upkeep(lake.storage) as connection:
        found = connection.execute(query, {**patterns, "latest": lake.latest}).fetchall()
    return {batch for (batch,) in found}
