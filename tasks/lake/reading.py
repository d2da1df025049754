"""Reading a lake: a DuckDB connection that sees the views and nothing else of the machine."""

import contextlib
import itertools
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake.files import has_footer
from tasks.lake.layout import find_lake, storage_of, stored_files
from tasks.lake.storage import Lake, Storage
from tasks.lake.views import escape_glob, quote_text, views_sql

__all__ = ["Rows", "connect", "explained", "open_lake", "run_query"]

Result = TypeVar("Result")

_FETCH = 1_000
"""Rows fetched at once."""

_TRIES = 5
"""Times that a lake is looked at; for all of them to be overtaken, its files would have to be deleted one by one."""
_GONE = re.compile(r"No such file|No files found|not found", re.IGNORECASE)

_READS = ("SELECT", "EXPLAIN", "MULTI", "CREATE")
"""Kinds of statement; PIVOT is MULTI in DuckDB 2 and starts with CREATE in DuckDB 1. CREATE stays in memory."""

_WRITES = re.compile(
    # `WITH x AS (COPY … TO …) SELECT …` and `EXPLAIN ANALYZE COPY …` do write, though DuckDB calls them reads.
    r'(?<!")\b(copy|secret)\b(?!")|\b(query|enable_logging|json_execute_serialized_sql)"?\s*\(',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A result, fetched as it is used."""

    columns: tuple[str, ...]
    """Names; each once."""
    rows: Iterator[tuple[object, ...]]
    """Python values; raises StopFlow where the query fails on the way."""


def connect(storage: Storage) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory that can read a storage's files by their whole names. Close it after use."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            # DuckDB makes it when a query outgrows the memory, and removes it; the default is the working directory.
            "temp_directory": str(Path(tempfile.gettempdir()) / f"parley-{secrets.token_hex(8)}"),
        }
    )
    if storage.is_remote:
        from tasks.lake.mount import mount  # a lake on a disk should not wait for this import

        mount(connection, storage)
    return connection


def open_lake(lake: Lake, *, as_of: datetime | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory with the lake's views; times are in UTC.

    All its queries see the lake as it was when it was opened, whole batches only. It reaches no file outside the lake,
    loads no extension, and its settings are locked. Close it after use.

    Args:
        lake: The lake.
        as_of: Show what was known at that time, with a zone; by default what is known now.

    Raises:
        StopFlow: There is no lake at that path, or a file in it is broken (the message names it).
    """
    storage = find_lake(lake)
    connection = connect(storage)
    connection.execute("SET VARIABLE parley_as_of = $as_of::TIMESTAMPTZ", {"as_of": as_of})
    with explained(lake):
        _fresh(lambda: connection.execute(views_sql(storage.root)))
        connection.execute(_restrictions(storage.root))
    return connection


def run_query(
    lake: Lake, query: str, parameters: Mapping[str, object] | None = None, *, as_of: datetime | None = None
) -> Rows | None:
    """Run SQL over a lake's views; only reading is allowed.

    Args:
        lake: The lake.
        query: One or more statements.
        parameters: Values of ``$name`` in a query of one statement.
        as_of: Show what was known at that time, with a zone; by default what is known now.

    Returns:
        The result of the last statement; None if there is no statement at all.

    Raises:
        StopFlow: There is no lake, a file in it is broken (the message names it), or the SQL is wrong.
    """
    _check_words(query)
    with explained(lake):
        result = _fresh(lambda: _run(open_lake(lake, as_of=as_of), query, parameters))
    if result is None:
        return None
    return Rows(_unique([column[0] for column in result.description]), _fetch(lake, result))


def _run(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object] | None
) -> duckdb.DuckDBPyConnection | None:
    result: duckdb.DuckDBPyConnection | None = None
    for statement in connection.extract_statements(query):
        if statement.type.name not in _READS:
            raise StopFlow(f"{statement.type.name} is not allowed: a lake is only read with SQL")
        result = connection.execute(statement, parameters)
    return result


def _fresh(attempt: Callable[[], Result]) -> Result:
    """What superseded files held long ago may be taken away between listing and opening: then it is listed anew."""
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except duckdb.IOException as error:
            if not _GONE.search(str(error)):
                raise
    return attempt()


def _restrictions(root: str) -> str:
    # DuckDB compares a pattern with these by its letters, so the escaped path has to be allowed as well.
    allowed = ", ".join(sorted({quote_text(f"{root}/"), quote_text(f"{escape_glob(root)}/")}))
    return (
        "SET TimeZone = 'UTC'; SET parquet_metadata_cache = true;"
        f"SET allowed_directories = [{allowed}]; SET enable_external_access = false; SET lock_configuration = true;"
    )


def _check_words(query: str) -> None:
    starts = [*duckdb.tokenize(query), (len(query.encode()), None)]
    text = query.encode()
    code = "".join(
        text[start:end].decode(errors="replace")
        for (start, kind), (end, _) in itertools.pairwise(starts)
        if kind not in (duckdb.token_type.string_const, duckdb.token_type.comment)
    )
    if match := _WRITES.search(code):
        word = (match[1] or match[2]).upper()
        raise StopFlow(f'{word} is not allowed: a lake is only read with SQL (a column of that name: "{word.lower()}")')


def _fetch(lake: Lake, result: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    with explained(lake):
        while rows := result.fetchmany(_FETCH):
            yield from rows


def _unique(names: list[str]) -> tuple[str, ...]:
    """Names with a number after each repeated one, so that a row can be an object."""
    unique: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate in unique:
            candidate, number = f"{name}_{number}", number + 1
        unique.append(candidate)
    return tuple(unique)


@contextlib.contextmanager
def explained(lake: Lake) -> Iterator[None]:
    """Say which file of a lake is to blame where DuckDB cannot go on.

    Raises:
        StopFlow: In the place of DuckDB's error.
    """
    try:
        yield
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) and _GONE.search(str(error)):
            words = "a file was taken away meanwhile (newer ones hold its rows, or somebody deleted it); run again"
            raise StopFlow(f"{words}\n{error}") from error
        if broken := _broken_file(storage_of(lake), error):
            raise StopFlow(
                f"{broken} is broken: {error}\n`parley verify` names every such file, `parley repair` moves them aside"
            ) from error
        raise StopFlow(str(error)) from error


def _broken_file(storage: Storage, error: duckdb.Error) -> str | None:
    """The lake's file that an error is about; DuckDB does not name it for every kind of damage."""
    if isinstance(error, duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException):
        return None
    names = [file.name for table in TABLES for file in stored_files(storage, table)]
    named = (name for name in names if f"{storage.root}/{name}" in str(error))
    unreadable = (name for name in names if not has_footer(storage, name))
    return next(named, None) or next(unreadable, None)
