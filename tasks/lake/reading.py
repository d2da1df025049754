"""Reading a lake: a DuckDB connection that sees the views and nothing else of the machine."""

import contextlib
import itertools
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake.layout import find_lake, relative_name, stored_files
from tasks.lake.views import escape_glob, quote_text, views_sql

__all__ = ["Rows", "open_lake", "run_query"]

_FETCH = 1_000
"""Rows fetched at once."""

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


def open_lake(lake: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory with the lake's views; times are in UTC.

    It reaches no file outside the lake, loads no extension, and its settings are locked. Close it after use.

    Raises:
        StopFlow: There is no lake at that path.
    """
    lake = find_lake(lake)
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            # DuckDB makes it when a query outgrows the memory, and removes it; the default is the working directory.
            "temp_directory": str(Path(tempfile.gettempdir()) / f"parley-{secrets.token_hex(8)}"),
        }
    )
    connection.execute(views_sql(lake))
    connection.execute(_restrictions(lake))
    return connection


def run_query(lake: Path, query: str, parameters: Mapping[str, object] | None = None) -> Rows | None:
    """Run SQL over a lake's views; only reading is allowed.

    Args:
        lake: The lake.
        query: One or more statements.
        parameters: Values of ``$name`` in a query of one statement.

    Returns:
        The result of the last statement; None if there is no statement at all.

    Raises:
        StopFlow: There is no lake, a file in it is broken (the message names it), or the SQL is wrong.
    """
    connection = open_lake(lake)
    _check_words(query)
    result: duckdb.DuckDBPyConnection | None = None
    with _explained(lake):
        for statement in connection.extract_statements(query):
            if statement.type.name not in _READS:
                raise StopFlow(f"{statement.type.name} is not allowed: a lake is only read with SQL")
            result = connection.execute(statement, parameters)
    if result is None:
        return None
    return Rows(_unique([column[0] for column in result.description]), _fetch(lake, result))


def _restrictions(lake: Path) -> str:
    # DuckDB compares a pattern with these by its letters, so the escaped path has to be allowed as well.
    allowed = ", ".join(sorted({quote_text(f"{lake}/"), quote_text(f"{escape_glob(str(lake))}/")}))
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


def _fetch(lake: Path, result: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    with _explained(lake):
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
def _explained(lake: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if broken := _broken_file(lake.resolve(), error):
            raise StopFlow(f"{broken} is broken: {error}\n`parley verify` names every such file") from error
        raise StopFlow(str(error)) from error


def _broken_file(lake: Path, error: duckdb.Error) -> str | None:
    """The lake's file that an error is about; DuckDB does not name it for every kind of damage."""
    if isinstance(error, duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException):
        return None
    files = [path for table in TABLES for path in stored_files(lake, table)]
    named = (path for path in files if str(path) in str(error))
    unreadable = (path for path in files if not _has_footer(path))
    found = next(named, None) or next(unreadable, None)
    return relative_name(lake, found) if found else None


def _has_footer(path: Path) -> bool:
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True
