"""Compaction is only re-batching: the same rows in fewer and larger batches, which supersede the old ones.

Nothing is deleted here. A copy keeps when it was fetched and extracted and is written later, so the one rule of the
views makes it count in the place of the rows that it was made from, and never in the place of a newer extraction.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from secrets import token_hex

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schemas.columns import conform
from schemas.tables import TABLES
from tasks.lake.storage.batch_files import BatchFile, with_batch_files
from tasks.lake.storage.layout import stored_files
from tasks.lake.storage.parquet import check_write_deadline, open_parquet, publish_parquet, unreadable_file
from tasks.lake.storage.protocol import Storage
from tasks.lake.upkeep.plan import CompactionPlan, PlannedBatch
from tasks.lake.views.visibility import tables_of_articles

__all__ = ["compact"]

_ROW_GROUP = {"articles": 5_000}
"""Rows in a group; few where rows are long, so that a question about one month does not read the texts of a year."""
_ROW_GROUP_ROWS = 50_000
_TABLES_AT_ONCE = 500
"""Tables that may lie about before they are put together."""
_READERS = 4
"""Small files are read side by side: most of the time goes by in waiting for them."""
_KEYS = {"articles": "article_id", "rejects": "input", "fetches": "input"}
_ORDER = {"articles": "published_at", "rejects": "at", "fetches": "at"}

Files = Mapping[str, Mapping[str, str]]
"""Names of files, by table and batch."""


def compact(
    connection: duckdb.DuckDBPyConnection, storage: Storage, plan: CompactionPlan, *, clock: Callable[[], datetime]
) -> Iterator[str | None]:
    """Write the batches of a plan, one after the other; may be stopped anywhere.

    Args:
        connection: The one that the plan was made with.
        storage: Of the lake.
        plan: What to write.
        clock: Gives the time, UTC.

    Yields:
        The id of each new batch once it is there; None where others took away meanwhile what it was to be made of:
        they have compacted it.

    Raises:
        StopFlow: A file is broken, or cannot be written.
    """
    # Who deletes a batch begins with its articles. If these can still be read, the list of the others was complete.
    files = {table: {file.stem: file.name for file in stored_files(storage, table)} for table in reversed(TABLES)}
    for part in plan.parts(connection):
        if not part.wanted.keys() <= files[part.table].keys():
            yield None
            continue
        try:
            yield _copy_part(storage, files, part, clock())
        except FileNotFoundError:
            yield None


def _copy_part(storage: Storage, files: Files, part: PlannedBatch, now: datetime) -> str:
    """Copy the rows of a part into a batch of its own; ``articles`` are published last."""
    key = _KEYS[part.table]
    batch_id = f"c{now:%Y%m%dT%H%M%S%f}-{token_hex(3)}"  # `c` sorts behind the digits: of two equal rejects it counts
    rows = _gather_rows(storage, files[part.table], part.table, key, part.wanted)
    rows = rows.sort_by([(_ORDER[part.table], "ascending"), (key, "ascending")])
    folder, begun = _name_month(rows[_ORDER[part.table]][0].as_py()), time.time()
    others: list[BatchFile] = []
    for table in _tables_with(part.table):
        below = _gather_rows(storage, files[table], table, key, part.wanted)
        others += _publish_rows(storage, table, folder, batch_id, _sort_like(rows[key], below, key))
    if "written_at" in rows.column_names:
        newest = pc.max(rows["written_at"]).as_py() + timedelta(microseconds=1)
        rows = _fill_column(rows, "written_at", max(now, newest))
    check_write_deadline(begun)
    _publish_rows(storage, part.table, folder, batch_id, rows, others)
    return batch_id


def _tables_with(table: str) -> Iterator[str]:
    """Give the tables whose rows count through their article, in the order in which a batch publishes them."""
    if table == "articles":
        yield from (name for name in tables_of_articles() if name != table)


def _gather_rows(
    storage: Storage, names: Mapping[str, str], table: str, key: str, wanted: Mapping[str, Sequence[str]]
) -> pa.Table:
    """Return the wanted rows of a table from all their batches; none where a batch has no such file."""

    def read(batch_id: str) -> pa.Table:
        return _read_wanted(storage, names[batch_id], table, key, wanted[batch_id])

    parts, some = [TABLES[table].empty_table()], list[pa.Table]()
    with ThreadPoolExecutor(_READERS) as readers:
        for found in readers.map(read, [batch_id for batch_id in wanted if batch_id in names]):
            some.append(found)
            if len(some) == _TABLES_AT_ONCE:
                parts.append(_put_together(some))
                some.clear()
    return _put_together([*parts, *some])


def _put_together(tables: Sequence[pa.Table]) -> pa.Table:
    """Return one table without seams: a few rows of a file take kilobytes as a table of their own."""
    return pa.concat_tables(tables, promote_options="permissive").combine_chunks()


def _read_wanted(storage: Storage, name: str, table: str, key: str, wanted: Sequence[str]) -> pa.Table:
    try:
        with open_parquet(storage, name) as file:
            rows = conform(file.read(use_threads=False), TABLES[table])
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise unreadable_file(name, error) from error
    return rows.filter(pc.is_in(rows[key], pa.array(wanted, pa.string())))


def _sort_like(keys: pa.ChunkedArray, rows: pa.Table, key: str) -> pa.Table:
    """Return rows in the order of their articles; those of one article keep their order."""
    return rows.take(pc.sort_indices(pc.index_in(rows[key], keys)))


def _publish_rows(
    storage: Storage, table: str, folder: str, batch_id: str, rows: pa.Table, others: Sequence[BatchFile] = ()
) -> list[BatchFile]:
    """Write the rows of a new batch that are of one table; articles note the other files. No rows make no file."""
    if not len(rows):
        return []
    rows = _fill_column(rows, "batch_id", batch_id)
    if table == "articles":
        rows = with_batch_files(rows, others)
    name = f"{table}/{folder}/{batch_id}.parquet"
    row_group_rows = _ROW_GROUP.get(table, _ROW_GROUP_ROWS)
    return [publish_parquet(rows, storage, name, row_group_rows=row_group_rows)]


def _fill_column(rows: pa.Table, column: str, value: object) -> pa.Table:
    index = rows.schema.get_field_index(column)
    field = rows.schema.field(index)
    return rows.set_column(index, field, pa.repeat(pa.scalar(value, field.type), len(rows)))


def _name_month(at: datetime | None) -> str:
    return f"{at:%Y-%m}" if at else "undated"
