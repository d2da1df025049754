"""Where things are in a lake, and how a lake comes to be."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake.files import replace_parquet, replace_text
from tasks.lake.views import views_sql

__all__ = ["create_lake", "find_lake", "relative_name", "stored_files"]

VIEWS = "views.sql"


def create_lake(lake: Path) -> None:
    """Make a lake that the views work on, though it has no rows; a lake that exists keeps its rows.

    Args:
        lake: A folder that is a lake, is empty, or does not exist; its parents are made too.

    Raises:
        StopFlow: There is something else at that path, or it cannot be written.
    """
    if lake.exists() and not lake.is_dir():
        raise StopFlow(f"{lake} is a file, not a lake; choose another folder")
    if lake.is_dir() and not _may_become_lake(lake):
        raise StopFlow(f"{lake} is a folder with other things in it, not a lake; choose a new or an empty folder")
    try:
        lake.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StopFlow(f"cannot make the lake {lake}: {error.strerror}; choose another folder") from error
    _refresh(lake.resolve())


def find_lake(lake: Path) -> Path:
    """The absolute path of a lake, its ``views.sql`` and its columns brought up to date where that is allowed.

    Raises:
        StopFlow: The path does not exist, or is not a lake.
    """
    if not lake.exists():
        raise StopFlow(
            f"there is no lake at {lake}; make one with `parley ingest PATH… --lake {lake}`, or name another"
        )
    if not (lake / "articles").is_dir():
        raise StopFlow(f"{lake} is not a lake (no folder `articles` in it); name another with --lake")
    with contextlib.suppress(StopFlow):  # reading a lake needs no right to write to it
        _refresh(lake.resolve())
    return lake.resolve()


def stored_files(lake: Path, table: str) -> Iterator[Path]:
    """The batch files of a table, in the order of their names (day, then batch); may be empty."""
    for path in sorted((lake / table).glob("*/*.parquet")):
        if path != _columns_file(lake, table):
            yield path


def relative_name(lake: Path, path: Path) -> str:
    """A file's name within its lake, as messages show it (``quotes/2026-03-05/b1.parquet``)."""
    return path.relative_to(lake).as_posix()


def _columns_file(lake: Path, table: str) -> Path:
    return lake / table / "empty" / "columns.parquet"


def _may_become_lake(folder: Path) -> bool:
    names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
    return VIEWS in names or names <= TABLES.keys()


def _refresh(lake: Path) -> None:
    for table, schema in TABLES.items():
        path = _columns_file(lake, table)
        if not _knows(path, schema):
            replace_parquet(schema.empty_table(), path)
    views = lake / VIEWS
    text = views_sql(lake)
    if not views.exists() or views.read_text(encoding="utf-8") != text:
        replace_text(text, views)


def _knows(path: Path, schema: pa.Schema) -> bool:
    try:
        return set(schema.names) <= set(pq.read_schema(path).names)
    except (OSError, pa.ArrowException):
        return False
