"""Reading a lake with SQL."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import duckdb

from schemas.errors import QueryTimeout, StopFlow
from schemas.tables import TABLES
from tasks.lake.query.connections import Limits, connect, connect_for_upkeep, native_root, seal_connection
from tasks.lake.query.filesystem import ROOT, find_own_error
from tasks.lake.storage.layout import INDEX_FOLDER, find_lake, open_storage, stored_files
from tasks.lake.storage.parquet import has_footer, is_denied, unreadable_file
from tasks.lake.storage.protocol import Lake, Storage
from tasks.lake.views.views_file import PARTLY_COUNTING, relocation_sql, views_sql, whole_files_sql

__all__ = ["QueryResult", "open_for_upkeep", "open_lake", "query_session", "run_query", "translate_duckdb_errors"]

Result = TypeVar("Result")

_FETCH = 1_000
"""Rows fetched at once."""

_TRIES = 5
"""Times that a lake is looked at; for all of them to be overtaken, its files would have to be deleted one by one."""

_GONE = re.compile(r"No such file|No files found|there is no file|FileNotFoundError")

_READS = ("SELECT", "EXPLAIN", "MULTI", "CREATE")
"""Kinds of statement; PIVOT is MULTI in DuckDB 2 and starts with CREATE in DuckDB 1. CREATE stays in memory."""

_NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A result, fetched as it is used."""

    columns: tuple[str, ...]
    """Names; each once."""
    rows: Iterator[tuple[object, ...]]
    """Python values; raises StopFlow where the query fails on the way."""


def open_lake(lake: Lake, limits: Limits = _NO_LIMITS, *, as_of: datetime | None = None) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection in memory with the views of a lake; it reads the lake and nothing else.

    :func:`tasks.lake.query.connections.seal_connection` says what that means.

    All its queries see the lake as it was when it was opened, whole batches only.

    Args:
        lake: The lake.
        limits: What each query may cost.
        as_of: Show what was known at that time, with a zone; by default what is known now.

    Raises:
        StopFlow: There is no lake at that address, or a file in it is broken (the message names it).
    """
    storage = find_lake(lake)
    with translate_duckdb_errors(storage):
        return _try_until_current(partial(_open_sealed, storage, limits, as_of))


def open_for_upkeep(storage: Storage) -> duckdb.DuckDBPyConnection:
    """Return a connection as :func:`open_lake` makes it, for SQL that is all our own.

    It is not sealed, and made by :func:`tasks.lake.query.connections.connect_for_upkeep`: DuckDB reads a disk by
    itself, and thousands of small files take a fraction of the time.

    Raises:
        StopFlow: A file is broken (the message names it).
    """
    with translate_duckdb_errors(storage):
        return _try_until_current(lambda: _with_views(connect_for_upkeep(storage), storage, _NO_LIMITS, None))


def run_query(
    lake: Lake,
    query: str,
    parameters: Mapping[str, object] | None = None,
    limits: Limits = _NO_LIMITS,
    *,
    as_of: datetime | None = None,
) -> QueryResult | None:
    """Run SQL over a lake's views; only reading is allowed.

    Args:
        lake: The lake.
        query: One or more statements.
        parameters: Values of ``$name`` in a query of one statement.
        limits: What it may cost.
        as_of: Show what was known at that time, with a zone; by default what is known now.

    Returns:
        The result of the last statement; None if there is no statement at all.

    Raises:
        QueryTimeout: It takes longer than it may.
        StopFlow: There is no lake, a file in it is broken (the message names it), or the SQL is wrong.
    """
    with translate_duckdb_errors(open_storage(lake)):
        return _try_until_current(
            lambda: _run_once(open_lake(lake, limits, as_of=as_of), lake, query, parameters, limits)
        )


def _run_once(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    query: str,
    parameters: Mapping[str, object] | None,
    limits: Limits,
) -> QueryResult | None:
    try:
        result = _run_statements(connection, lake, query, parameters, limits)
    except BaseException:
        connection.close()
        raise
    if result is None:
        connection.close()
        return None
    return QueryResult(result.columns, _close_after(connection, result.rows))


def _open_sealed(storage: Storage, limits: Limits, as_of: datetime | None) -> duckdb.DuckDBPyConnection:
    connection = _with_views(connect(storage, limits), storage, limits, as_of)
    try:
        connection.execute(relocation_sql(native_root(storage), ROOT))
        seal_connection(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _with_views(
    connection: duckdb.DuckDBPyConnection, storage: Storage, limits: Limits, as_of: datetime | None
) -> duckdb.DuckDBPyConnection:
    root = native_root(storage)
    try:
        connection.execute("SET VARIABLE parley_as_of = $as_of::TIMESTAMPTZ", {"as_of": as_of})
        _Clock(connection, limits.timeout_seconds).run(partial(connection.execute, views_sql(root)))
        if not connection.execute(PARTLY_COUNTING).fetchall():
            connection.execute(whole_files_sql())
    except BaseException:
        connection.close()
        raise
    return connection


def _try_until_current(attempt: Callable[[], Result]) -> Result:
    """Try again while files are taken away between listing and opening: superseded ones may go at any time."""
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except duckdb.Error as error:
            if not _GONE.search(str(error)):
                raise
    return attempt()


def query_session(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    query: str,
    parameters: Mapping[str, object] | None = None,
    limits: Limits = _NO_LIMITS,
) -> QueryResult | None:
    """Run SQL as :func:`run_query` does, on a lake that is open; the result must be used up before the next query."""
    with translate_duckdb_errors(open_storage(lake)):
        return _run_statements(connection, lake, query, parameters, limits)


def _run_statements(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    query: str,
    parameters: Mapping[str, object] | None,
    limits: Limits,
) -> QueryResult | None:
    storage, clock = open_storage(lake), _Clock(connection, limits.timeout_seconds)
    result: duckdb.DuckDBPyConnection | None = None
    for statement in connection.extract_statements(query):
        if (kind := _name_kind(statement)) not in _READS:
            raise StopFlow(f"{kind} is not allowed: a lake is only read with SQL")
        result = clock.run(partial(connection.execute, statement, parameters))
    if result is None:
        return None
    return QueryResult(_make_unique([column[0] for column in result.description]), _fetch_rows(storage, result, clock))


def _name_kind(statement: duckdb.Statement) -> str:
    try:
        return statement.type.name
    except ValueError:  # a kind that DuckDB's Python side has no name for, such as UPDATE EXTENSIONS
        return "this statement"


def _close_after(
    connection: duckdb.DuckDBPyConnection, rows: Iterator[tuple[object, ...]]
) -> Iterator[tuple[object, ...]]:
    # DuckDB's threads must not outlive Python, whose functions they call to read files.
    with connection:
        yield from rows


def _fetch_rows(storage: Storage, result: duckdb.DuckDBPyConnection, clock: "_Clock") -> Iterator[tuple[object, ...]]:
    while True:
        with translate_duckdb_errors(storage):
            rows = clock.run(partial(result.fetchmany, _FETCH))
        if not rows:
            return
        yield from rows


class _Clock:
    """Ends a query that DuckDB has worked on for too long, or that a person has had enough of.

    DuckDB works in another thread: some queries would not hear Ctrl-C in the main one.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self._connection = connection
        self._seconds = self._left = seconds

    def run(self, call: Callable[[], Result]) -> Result:
        started = time.monotonic()
        with ThreadPoolExecutor(1) as thread:
            future = thread.submit(call)
            try:
                done, _ = wait([future], timeout=max(self._left, 0.0))
            except KeyboardInterrupt:
                self._connection.interrupt()
                raise
            finally:
                self._left -= time.monotonic() - started
            if done:
                return future.result()
            self._connection.interrupt()
        raise QueryTimeout(f"no answer after {self._seconds:g} seconds; ask for less, or give more with --timeout")


def _make_unique(names: list[str]) -> tuple[str, ...]:
    """Put a number after each repeated name, so that a row can be an object."""
    unique: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate in unique:
            candidate, number = f"{name}_{number}", number + 1
        unique.append(candidate)
    return tuple(unique)


@contextlib.contextmanager
def translate_duckdb_errors(storage: Storage) -> Iterator[None]:
    """Say what is to be done where DuckDB cannot go on, and which file is to blame.

    Raises:
        StopFlow: In the place of DuckDB's error.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StopFlow(f"the query outgrew its memory; ask for less, or give it more with --memory: {error}") from error
    except duckdb.Error as error:
        if own := find_own_error(error):
            raise own from error
        if _GONE.search(str(error)):
            words = "a file was taken away meanwhile (newer ones hold its rows, or somebody deleted it); run again"
            raise StopFlow(f"{words}\n{error}") from error
        name = _find_broken_file(storage, error)
        if name and _is_permission_denied(storage, name):
            raise unreadable_file(name, PermissionError()) from error
        if name:
            how = "`parley verify` names every such file, `parley repair` moves them aside"
            raise StopFlow(f"{name} is broken: {error}\n{how}") from error
        raise StopFlow(str(error)) from error


def _find_broken_file(storage: Storage, error: duckdb.Error) -> str | None:
    """Return the lake's file that an error is about; DuckDB does not name it for every kind of damage."""
    if isinstance(error, duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException):
        return None
    names = [file.name for table in (*TABLES, INDEX_FOLDER) for file in stored_files(storage, table)]
    message = str(error)
    named = [name for name in names if f"/{name}" in message]
    if named:  # the first one is to blame; a sound file may be named behind it, for comparison
        return min(named, key=lambda name: message.index(f"/{name}"))
    return next((name for name in names if not has_footer(storage, name)), None)


def _is_permission_denied(storage: Storage, name: str) -> bool:
    try:
        storage.open_file(name).close()
    except OSError as error:
        return is_denied(error)
    return False
