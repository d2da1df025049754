"""Export the tables of a lake: a file for each, or one database or workbook with all of them."""

import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

import duckdb

from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake.query.connections import Limits, connect
from tasks.lake.query.filesystem import ROOT, find_own_error
from tasks.lake.query.sqlite_file import write_sqlite_table
from tasks.lake.query.xlsx_file import Workbook
from tasks.lake.storage.layout import find_lake
from tasks.lake.storage.protocol import Lake
from tasks.lake.views.everyday import describe_views, read_everyday_views
from tasks.lake.views.views_file import views_sql
from tasks.lake.views.visibility import quote_text

__all__ = ["Export", "ExportFormat", "export_lake"]

ExportFormat: TypeAlias = Literal["csv", "jsonl", "parquet", "duckdb", "sqlite", "xlsx"]

_ONE_FILE = ("duckdb", "sqlite", "xlsx")
"""Formats that hold all tables in one file."""
_STORAGE_VERSION = "v1.2.0"
"""Of DuckDB's files: what newer programs write by default, older ones cannot open."""
_BOM = "\ufeff"
"""Tells Excel that a file of CSV is UTF-8."""
_TEXTS = {"articles": ("text", "lead"), "pages": ("body",)}
"""Columns with the words of whole articles, whose rights their outlets have."""
_ROWS_AT_ONCE = 1_000

_USUAL = tuple(table for table in reversed(TABLES) if table != "pages")

_ISO_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
_TIMES = f"TIMESTAMPFORMAT '{_ISO_TIME}'"
_COPY = {
    "csv": f"FORMAT csv, HEADER, {_TIMES}",
    "jsonl": f"FORMAT json, {_TIMES}",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}
_NESTED = ("LIST", "STRUCT", "MAP", "ARRAY")
_WITHOUT_NESTING = ("csv", "sqlite", "xlsx")
"""Formats that hold nested columns as JSON."""

_BETWEEN = """
    ($since::DATE IS NULL OR {day} >= $since::DATE) AND ($until::DATE IS NULL OR {day} <= $until::DATE)"""
_REJECTED = _BETWEEN.format(day='"at"::DATE')
_PUBLISHED = f"SELECT article_id FROM articles WHERE {_BETWEEN.format(day='published_on')}"  # noqa: S608  # constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is exported, and where to."""

    target: Path
    """A folder that gets a file per table; a file for ``duckdb``, ``sqlite``, ``xlsx``, or for a single table."""
    form: ExportFormat
    tables: tuple[str, ...] = ()
    """Tables and views; by default every table but ``pages``, whose raw bytes are seldom wanted elsewhere."""
    since: date | None = None
    """First day of publication, where the outlet is; of rejects and fetches, of the attempt, UTC."""
    until: date | None = None
    """Last day."""
    force: bool = False
    """Replace files that are there."""
    bom: bool = False
    """Begin CSV with a byte order mark, without which Excel takes UTF-8 for another encoding."""
    texts: bool = True
    """With the texts of whole articles; without them, their columns are left out, and NULL in a DuckDB database."""

    def __post_init__(self) -> None:
        if unknown := sorted({*self.tables} - {*TABLES, *describe_views()}):
            known = ", ".join([*reversed(TABLES), *describe_views()])
            raise StopFlow(f"there is no table {', '.join(unknown)}; choose among {known}")
        if self.bom and self.form != "csv":
            raise StopFlow(f"--bom is for --format csv; {self.form} needs none")
        if self.form == "xlsx" and self.texts and "pages" in self.tables:
            raise StopFlow("pages are bytes, which a workbook cannot hold; export them with another format")

    def files(self) -> dict[str, Path]:
        """The file of each table, in the order in which they are written."""
        names = dict.fromkeys(self.tables or _USUAL)
        if self.form in _ONE_FILE or (len(names) == 1 and self.target.suffix == f".{self.form}"):
            return dict.fromkeys(names, self.target)
        return {name: self.target / f"{name}.{self.form}" for name in names}


def export_lake(
    lake: Lake, export: Export, limits: Limits, *, told: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Write the visible rows of a lake's tables, all files or none; memory is bounded.

    CSV, SQLite and workbooks have nested values as JSON; times are in UTC, as ISO 8601 or, in workbooks, Excel's own.
    A DuckDB database has real tables and, when none of the usual ones is missing, the everyday views.

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
            if export.form == "xlsx":
                return _write_workbook(connection, export, temporary[export.target], told)
            write = _write_sqlite if export.form == "sqlite" else _write_file
            return {
                name: write(connection, export, name, temporary[path], told) for name, path in export.files().items()
            }
        except (duckdb.Error, sqlite3.Error) as error:
            if own := find_own_error(error):
                raise own from error
            raise StopFlow(f"cannot export to {export.target}: {error}") from error


def _write_file(
    connection: duckdb.DuckDBPyConnection, export: Export, name: str, path: Path, told: Callable[[str], None]
) -> int:
    told(name)
    query = _select_rows(connection, export, name)
    copy = f"COPY ({query}) TO {quote_text(str(path))} ({_COPY[export.form]})"
    return _count(connection.execute(copy, _days(export, query)))


def _write_database(
    connection: duckdb.DuckDBPyConnection, export: Export, path: Path, told: Callable[[str], None]
) -> dict[str, int]:
    connection.execute(f"ATTACH {quote_text(str(path))} AS export (STORAGE_VERSION '{_STORAGE_VERSION}')")
    counts = {}
    for name in export.files():
        told(name)
        query = _select_rows(connection, export, name)
        made = connection.execute(f"CREATE TABLE export.{name} AS {query}", _days(export, query))
        counts[name] = _count(made)
    connection.execute("USE export")
    if set(_USUAL) <= counts.keys():
        for name, query in read_everyday_views().items():
            if name not in counts:
                connection.execute(f"CREATE VIEW {name} AS {query}")
    connection.execute("USE memory; DETACH export")
    return counts


def _write_sqlite(
    connection: duckdb.DuckDBPyConnection, export: Export, name: str, path: Path, told: Callable[[str], None]
) -> int:
    told(name)
    columns, rows = _read_rows(connection, export, name)
    return write_sqlite_table(path, name, columns, rows)


def _write_workbook(
    connection: duckdb.DuckDBPyConnection, export: Export, path: Path, told: Callable[[str], None]
) -> dict[str, int]:
    counts = {}
    with Workbook(path) as workbook:
        for name in export.files():
            told(name)
            columns, rows = _read_rows(connection, export, name)
            counts[name] = workbook.write_sheet(name, [column for column, _ in columns], rows)
    return counts


def _read_rows(
    connection: duckdb.DuckDBPyConnection, export: Export, name: str
) -> tuple[list[tuple[str, str]], Iterator[tuple[object, ...]]]:
    """Return the columns of a table, each with its type, and its rows as they are read."""
    query = _select_rows(connection, export, name)
    described = connection.execute(f"DESCRIBE {query}", _days(export, query)).fetchall()
    columns = [(str(column), str(kind)) for column, kind, *_ in described]
    return columns, _fetch_rows(connection.execute(query, _days(export, query)))


def _fetch_rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    while rows := result.fetchmany(_ROWS_AT_ONCE):
        yield from rows


def _select_rows(connection: duckdb.DuckDBPyConnection, export: Export, name: str) -> str:
    """Return SQL of a table's rows between the days, with columns that the format can hold."""
    columns = connection.execute(f"DESCRIBE {name}").fetchall()
    cells = [_select_cell(column, kind, export, name) for column, kind, *_ in columns]
    cells = [cell for cell in cells if cell]
    if export.bom:
        # In the name of the first column, which stands first in the file; DuckDB writes no mark of its own.
        cells[0] += f' AS "{_BOM}{columns[0][0]}"'
    query = f"SELECT {', '.join(cells)} FROM {name}"  # noqa: S608  # a name that we know, and its columns
    if export.since is None and export.until is None:
        return query
    if name in ("rejects", "fetches"):
        return f"{query} WHERE {_REJECTED}"
    if "article_id" not in {column for column, *_ in columns}:
        raise StopFlow(f"--since and --until cannot be told of {name}: its rows are not of one article each")
    return f"{query} SEMI JOIN ({_PUBLISHED}) USING (article_id)"


def _select_cell(column: str, kind: str, export: Export, name: str) -> str:
    """Return the SQL of a column as the format can hold it; nothing for one that is left out."""
    if not export.texts and column in _TEXTS.get(name, ()):
        return f'NULL::{kind} AS "{column}"' if export.form == "duckdb" else ""
    if export.form in _WITHOUT_NESTING and (kind.endswith("[]") or kind.startswith(_NESTED)):
        return f'to_json("{column}")::VARCHAR AS "{column}"'
    if export.form == "sqlite":
        return _select_for_sqlite(column, kind)
    return f'"{column}"'


def _select_for_sqlite(column: str, kind: str) -> str:
    """Return the SQL of a column in types that SQLite has: times and days become text."""
    if kind.startswith("TIMESTAMP"):
        return f"""strftime("{column}", '{_ISO_TIME}') AS "{column}\""""
    if kind in ("DATE", "TIME", "UUID", "HUGEINT"):
        return f'"{column}"::VARCHAR AS "{column}"'
    return f'"{column}"'


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
