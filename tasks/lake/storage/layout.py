"""Where things are in a lake, and how a lake comes to be."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from schemas.columns import former_names
from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake.storage.disk import Disk
from tasks.lake.storage.parquet import read_schema, replace_parquet
from tasks.lake.storage.protocol import Lake, Storage, StoredFile
from tasks.lake.views.views_file import views_sql

__all__ = ["INDEX_FOLDER", "columns_file", "create_lake", "find_lake", "lake_files", "open_storage", "stored_files"]

VIEWS = "views.sql"
INDEX_FOLDER = "index"
"""Beside those of the tables."""
_S3 = "s3://"


def open_storage(lake: Lake) -> Storage:
    """Return the storage at an address; whether there is a lake is not looked at.

    Raises:
        StopFlow: The address is none that we know.
    """
    if isinstance(lake, str) and "://" in lake:
        if not lake.startswith(_S3):
            raise StopFlow(f"{lake} is no address of a lake: name a folder or s3://BUCKET/PREFIX")
        from tasks.lake.storage.s3 import open_bucket  # loads S3's client, which a lake on a disk should not wait for

        return open_bucket(lake.removeprefix(_S3))
    return Disk(Path(lake))


def create_lake(lake: Lake) -> None:
    """Make a lake that the views work on, though it has no rows; a lake that exists keeps its rows.

    Args:
        lake: A folder or a prefix that is a lake, is empty, or does not exist; its parents are made too.

    Raises:
        StopFlow: There is something else at that address, or it cannot be written.
    """
    storage = open_storage(lake)
    if not _may_become_lake(storage.top_names() or frozenset()):
        raise StopFlow(f"{lake} is a folder with other things in it, not a lake; choose a new or an empty folder")
    _write_views(storage)


def find_lake(lake: Lake) -> Storage:
    """Return the storage of a lake, its ``views.sql`` and its columns brought up to date where that is allowed.

    Raises:
        StopFlow: There is nothing at that address, or it is not a lake.
    """
    storage = open_storage(lake)
    names = storage.top_names()
    if names is None:
        raise StopFlow(
            f"there is no lake at {lake}; make one with `parley ingest PATH… --lake {lake}`, or name another"
        )
    if "articles" not in names:
        raise StopFlow(f"{lake} is not a lake (no folder `articles` in it); name another with --lake")
    with contextlib.suppress(StopFlow):  # reading a lake needs no right to write to it
        _write_views(storage)
    return storage


def stored_files(storage: Storage, table: str) -> Iterator[StoredFile]:
    """Give the batch files of a table, in the order of their names (day, then batch); may be empty."""
    for file in storage.list_files(table):
        if file.name.endswith(".parquet") and file.name != columns_file(table):
            yield file


def lake_files(lake: Lake, table: str) -> Iterator[StoredFile]:
    """Give the files of a table of a lake, for those who count them; whether there is a lake is not looked at."""
    return stored_files(open_storage(lake), table)


def columns_file(table: str) -> str:
    """Return the name of the file without rows that tells DuckDB the columns of a table."""
    return f"{table}/empty/columns.parquet"


def _may_become_lake(names: frozenset[str]) -> bool:
    return VIEWS in names or {name for name in names if not name.startswith(".")} <= {*TABLES, INDEX_FOLDER}


def _write_views(storage: Storage) -> None:
    text = views_sql(storage.root).encode()
    if storage.is_remote and _read_file(storage, VIEWS) == text:
        return  # it is written last, and a look at each of the others is a request
    for table, schema in TABLES.items():
        known = read_schema(storage, columns_file(table))
        wanted = _with_former_names(schema)
        if known is None or not set(wanted.names) <= set(known.names):
            replace_parquet(wanted.empty_table(), storage, columns_file(table))
    if _read_file(storage, VIEWS) != text:
        storage.replace(VIEWS, text)


def _with_former_names(schema: pa.Schema) -> pa.Schema:
    """Return what files may have of a schema, so that the views may ask for it where no file has it any more."""
    for name, old in former_names(schema).items():
        schema = schema.append(pa.field(old, schema.field(name).type))
    return schema


def _read_file(storage: Storage, name: str) -> bytes | None:
    try:
        with storage.open_file(name) as file:
            return bytes(file.read())
    except OSError:
        return None
