"""A lake's tables as files for other programs, or as one DuckDB database."""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

import duckdb

from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake.query.connections import Limits, connect
from tasks.lake.query.filesystem import ROOT
from tasks.lake.storage.layout import find_lake
from tasks.lake.storage.protocol import Lake
from tasks.lake.views.everyday import describe_views, read_everyday_views
from tasks.lake.views.views_file import views_sql
from tasks.lake.views.visibility import quote_text

__all__ = ["Export", "ExportFormat", "export_lake"]

ExportFormat: TypeAlias = Literal["csv", "jsonl", "parquet", "duckdb"]

_USUAL = tuple(table for table in reversed(TABLES) if table != "pages")

_TIMES = "TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'"
_COPY = {
    "csv": f"FORMAT csv, HEADER, {_TIMES}",
    "jsonl": f"FORMAT json, {_TIMES}",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}
_NESTED = ("LIST", "STRUCT", "MAP", "ARRAY")

_BETWEEN = """
    ($since::DATE IS NULL OR {day} >= $since::DATE) AND ($until::DATE IS NULL OR {day} <= $until::DATE)"""
_REJECTED = _BETWEEN.format(day='"at"::DATE')
_PUBLISHED = f"SELECT article_id FROM articles WHERE {_BETWEEN.format(day='published_on')}"  # noqa: S608  # constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is exported, and where to."""

    target: Path
    """A folder that gets a file per table; a file for ``duckdb``, or for a single table."""
    form: ExportFormat
    tables: tuple[str, ...] = ()
    """Tables and views; by default every table but ``pages``, whose raw bytes are seldom wanted elsewhere."""
    since: date | None = None
    """First day of publication, where the outlet is; of rejects and fetches, of the attempt, UTC."""
    until: date | None = None
    """Last day."""
    force: bool = False
    """Replace files that are there."""

    def __post_init__(self) -> None:
        if unknown := sorted({*self.tables} - {*TABLES, *describe_views()}):
            known = ", ".join([*reversed(TABLES), *describe_views()])
            raise StopFlow(f"there is no table {', '.join(unknown)}; choose among {known}")

    def files(self) -> dict[str, Path]:
        """The file of each table, in the order in which they are written."""
        names = dict.fromkeys(self.tables or _USUAL)
        if self.form == "duckdb" or (len(names) == 1 and self.target.suffix == f".{self.form}"):
            return dict.fromkeys(names, self.target)
        return {name: self.target / f"{name}.{self.form}" for name in names}


def export_lake(
    lake: Lake, export: Export, limits: Limits, *, told: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Write the visible rows of a lake's tables, all files or none; memory is bounded.

    CSV has nested values as JSON; times are in UTC, as ISO 8601. A DuckDB database has real tables and, when none of
    the usual ones is missing, the everyday views.

    Args:
        lake: The lake.
        export: What, where to, in which format.
        limits: What each table may cost; without a time.
        told: Called with the name of each table before it is written.

    Returns:
        Rows per table.

    Raises:
        StopFlow: There is no lake, a file is there already, or cannot be written, or the query fails.
    """
    storage = find_lake(lake)
    with _temporary(export) as temporary, connect(storage, limits) as connection:
        try:
            connection.execute(views_sql(ROOT))
            if export.form == "duckdb":
                return _write_database(connection, export, temporary[export.target], told)
            return {
                name: _write_file(connection, export, name, temporary[path], told)
                for name, path in export.files().items()
            }
        except duckdb.Error as error:
            raise StopFlow(f"cannot export to {export.target}: {error}") from error


def _write_file(
    connection: duckdb.DuckDBPyConnection, export: Export, name: str, path: Path, told: Callable[[str], None]
) -> int:
    told(name)
    query = _rows(connection, export, name)
    copy = f"COPY ({query}) TO {quote_text(str(path))} ({_COPY[export.form]})"
    return _count(connection.execute(copy, _days(export, query)))


def _write_database(
    connection: duckdb.DuckDBPyConnection, export: Export, path: Path, told: Callable[[str], None]
) -> dict[str, int]:
    connection.execute(f"ATTACH {quote_text(str(path))} AS export")
    counts = {}
    for name in export.files():
        told(name)
        query = _rows(connection, export, name)
        made = connection.execute(f"CREATE TABLE export.{name} AS {query}", _days(export, query))
        counts[name] = _count(made)
    connection.execute("USE export")
    if set(_USUAL) <= counts.keys():
        for name, query in read_everyday_views().items():
            if name not in counts:
                connection.execute(f"CREATE VIEW {name} AS {query}")
    connection.execute("USE memory; DETACH export")
    return counts


def _rows(connection: duckdb.DuckDBPyConnection, export: Export, name: str) -> str:
    """SQL of a table's rows between the days, with columns that the format can hold."""
    columns = connection.execute(f"DESCRIBE {name}").fetchall()
    cells = (_cell(column, kind, export.form) for column, kind, *_ in columns)
    query = f"SELECT {', '.join(cells)} FROM {name}"  # noqa: S608  # a name that we know, and its columns
    if export.since is None and export.until is None:
        return query
    if name in ("rejects", "fetches"):
        return f"{query} WHERE {_REJECTED}"
    if "article_id" not in {column for column, *_ in columns}:
        raise StopFlow(f"--since and --until cannot be told of {name}: its rows are not of one article each")
    return f"{query} SEMI JOIN ({_PUBLISHED}) USING (article_id)"


def _cell(column: str, kind: str, form: ExportFormat) -> str:
    nested = kind.endswith("[]") or kind.startswith(_NESTED)
    return f'to_json("{column}") AS "{column}"' if form == "csv" and nested else f'"{column}"'


def _days(export: Export, query: str) -> dict[str, object] | None:
    return {"since": export.since, "until": export.until} if "$since" in query else None


def _count(result: duckdb.DuckDBPyConnection) -> int:
    row = result.fetchone()
    return int(row[0]) if row else 0


@contextlib.contextmanager
def _temporary(export: Export) -> Iterator[dict[Path, Path]]:
    """A temporary name beside every file of an export; they get their own names together, at the end."""
    files = tuple(dict.fromkeys(export.files().values()))
    _check_free(files, force=export.force)
    names = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp") for path in files}
    try:
        files[0].parent.mkdir(parents=True, exist_ok=True)
        try:
            yield names
            for path, temporary in names.items():
                temporary.replace(path)
        finally:
            for temporary in names.values():
                temporary.unlink(missing_ok=True)
                temporary.with_name(f"{temporary.name}.wal").unlink(missing_ok=True)
    except OSError as error:
        raise StopFlow(f"cannot write {export.target}: {error.strerror}; choose another place") from error


def _check_free(files: Sequence[Path], *, force: bool) -> None:
    for path in files:
        if path.is_dir():
            raise StopFlow(f"{path} is a folder; name a file for this format, such as lake.duckdb")
        if path.exists() and not force:
            raise StopFlow(f"{path} is there already; choose another place, or replace it with --force")
