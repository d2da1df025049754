"""Taking away files of which nothing counts any more: superseded batches, what crashed writers left, old raw pages.

What may go follows from the one rule of the views, applied to the files that were there before a grace period began:
a batch that does not count among these was superseded by one that all readers of today have seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.settings import MaintainSettings
from schemas.tables import TABLES
from tasks.lake.query.connections import connect_for_upkeep, native_root
from tasks.lake.storage.layout import INDEX_FOLDER, columns_file
from tasks.lake.storage.protocol import Storage, StoredFile
from tasks.lake.views.views_file import escape_glob
from tasks.lake.views.visibility import counting_articles, current_articles, newest_fetches, newest_rejects

__all__ = ["Removal", "find_removals"]

_TEMPORARY = ".tmp"


@dataclass(frozen=True, slots=True)
class Removal:
    """Files that go together, in this order: ``articles`` first, so that a batch never counts in part."""

    files: tuple[StoredFile, ...]
    unless: str | None = None
    """They belong to a batch that is being written after all if this file is there now."""


def find_removals(storage: Storage, settings: MaintainSettings, *, now: datetime) -> Iterator[Removal]:
    """What may be deleted.

    Args:
        storage: Of a lake.
        settings: How long a batch must have been superseded, a file have lain about, a page have been kept.
        now: UTC.

    Raises:
        StopFlow: A file is broken.
    """
    # Articles last: a batch that is published meanwhile must not look like one that was left behind.
    listed = {table: storage.list_files(table) for table in TABLES}
    batches = {table: [file for file in files if _is_batch(file, table)] for table, files in listed.items()}
    long_ago = now - settings.grace
    old = {table: [file for file in files if file.modified_at <= long_ago] for table, files in batches.items()}
    yield from _superseded(storage, batches, old)
    yield from _dead_rejects(storage, batches, old)
    yield from _dead_fetches(storage, old)
    yield from _outlived(old["pages"], settings, now)
    before = now - max(settings.grace, settings.leftover)
    yield from _orphans(batches, before)
    for files in (*listed.values(), storage.list_files(INDEX_FOLDER)):
        stale = (file for file in files if file.name.endswith(_TEMPORARY))
        yield from (Removal((file,)) for file in stale if file.modified_at <= before)


def _is_batch(file: StoredFile, table: str) -> bool:
    return file.name.endswith(".parquet") and file.name != columns_file(table)


Files = dict[str, list[StoredFile]]


def _superseded(storage: Storage, batches: Files, old: Files) -> Iterator[Removal]:
    query = f"SELECT DISTINCT batch_id FROM ({current_articles(_source('articles'))})"  # noqa: S608  # SQL of ours
    counting = _ask(storage, query, {"articles": old["articles"]})
    through = [table for table in TABLES if table != "articles" and "article_id" in TABLES[table].names]
    below = {table: {file.stem: file for file in batches[table]} for table in through}
    for file in old["articles"]:
        if file.stem not in counting:
            yield Removal((file, *(below[table][file.stem] for table in through if file.stem in below[table])))


def _dead_rejects(storage: Storage, batches: Files, old: Files) -> Iterator[Removal]:
    query = (
        f"SELECT DISTINCT batch_id FROM ({newest_rejects(_source('rejects'), counting_articles(_source('articles')))})"  # noqa: S608
    )
    # An article that counted may be superseded by one from another input, and its reject then counts again.
    counting = {
        batch_id
        for files in (old, batches)
        for batch_id in _ask(storage, query, {table: files[table] for table in ("rejects", "articles")})
    }
    yield from (Removal((file,)) for file in old["rejects"] if file.stem not in counting)


def _dead_fetches(storage: Storage, old: Files) -> Iterator[Removal]:
    query = f"SELECT DISTINCT batch_id FROM ({newest_fetches(_source('fetches'))})"  # noqa: S608  # SQL of ours
    counting = _ask(storage, query, {"fetches": old["fetches"]})
    yield from (Removal((file,)) for file in old["fetches"] if file.stem not in counting)


def _outlived(pages: list[StoredFile], settings: MaintainSettings, now: datetime) -> Iterator[Removal]:
    """Files of pages that are too old, or too much; they are true on their own, so that none is missed."""
    kept_bytes = 0
    for file in sorted(pages, key=lambda page: (page.modified_at, page.stem), reverse=True):  # a name tells the time
        kept_bytes += file.size_bytes
        too_old = settings.pages_age is not None and file.modified_at <= now - settings.pages_age
        if too_old or (settings.pages_bytes is not None and kept_bytes > settings.pages_bytes):
            yield Removal((file,))


def _orphans(batches: Files, before: datetime) -> Iterator[Removal]:
    published = {file.stem for file in batches["articles"]}
    for table, files in batches.items():
        if table != "articles" and "article_id" in TABLES[table].names:
            for file in files:
                if file.stem not in published and file.modified_at <= before:
                    yield Removal((file,), unless="articles" + file.name.removeprefix(table))


def _source(name: str) -> str:
    # Columns that files of all versions have, so that not all files need to be open at once.
    return f"read_parquet(${name}, hive_partitioning = false)"


def _ask(storage: Storage, query: str, files: Files) -> set[str]:
    names = {table: [columns_file(table), *(file.name for file in some)] for table, some in files.items()}
    root = native_root(storage)
    patterns = {table: [escape_glob(f"{root}/{name}") for name in some] for table, some in names.items()}
    with connect_for_upkeep(storage) as connection:
        return {batch for (batch,) in connection.execute(query, patterns).fetchall()}
