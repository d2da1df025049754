import contextlib
import sqlite3
from pathlib import Path

import pytest

from tasks.lake.query.sqlite_file import write_sqlite_table


def test_a_table_has_its_types_values_and_indexes(tmp_path: Path) -> None:
    columns = [("quote_id", "VARCHAR"), ("order", "INTEGER"), ('a "name"', "DOUBLE"), ("yes", "BOOLEAN")]
    rows = [("q1", 1, 0.5, True), ("q2", None, None, False)]
    assert write_sqlite_table(tmp_path / "a.db", "quotes", columns, rows) == 2
    assert write_sqlite_table(tmp_path / "a.db", "empty", [("n", "BIGINT")], []) == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as database:
        assert database.execute("SELECT * FROM quotes").fetchall() == [("q1", 1, 0.5, 1), ("q2", None, None, 0)]
        types = [kind for _, _, kind, *_ in database.execute("PRAGMA table_info(quotes)")]
        indexes = database.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    assert types == ["TEXT", "INTEGER", "REAL", "INTEGER"]
    assert indexes == [("quotes_quote_id",)]


def test_a_table_that_is_there_already_is_not_written_over(tmp_path: Path) -> None:
    write_sqlite_table(tmp_path / "a.db", "t", [("n", "BIGINT")], [(1,)])
    with pytest.raises(sqlite3.OperationalError):
        write_sqlite_table(tmp_path / "a.db", "t", [("n", "BIGINT")], [(2,)])
