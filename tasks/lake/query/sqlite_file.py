"""Write rows into a database of SQLite, as Datasette and many other programs read it."""

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["write_sqlite_table"]

_TYPES = {"BIGINT": "INTEGER", "INTEGER": "INTEGER", "BOOLEAN": "INTEGER", "DOUBLE": "REAL", "BLOB": "BLOB"}
"""Types of SQLite by those of DuckDB; all others are text."""
_INDEXED = ("article_id", "meeting_id", "quote_id", "topic_id", "person_id", "speaker_id")
"""Columns by which tables are joined and filtered."""


def write_sqlite_table(
    path: Path, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]
) -> int:
    """Write a table into a database, which is made if it is not there.

    Args:
        path: The file of the database.
        name: Of the table, which must be new.
        columns: Name and DuckDB's type of each column.
        rows: Their values, such as SQLite can hold.

    Returns:
        The number of rows.

    Raises:
        sqlite3.Error: The file cannot be written.
    """
    described = ", ".join(f"{_quote_name(column)} {_TYPES.get(kind, 'TEXT')}" for column, kind in columns)
    places = ", ".join("?" * len(columns))
    table = _quote_name(name)
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        # The file has a temporary name until it is complete, so it needs no protection from a crash.
        database.execute("PRAGMA synchronous = OFF")
        database.execute(f"CREATE TABLE {table} ({described})")
        database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608  # a name of ours
        for column in _INDEXED:
            if column in dict(columns):
                index = _quote_name(f"{name}_{column}")
                database.execute(f"CREATE INDEX {index} ON {table} ({_quote_name(column)})")
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(count)


def _quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
