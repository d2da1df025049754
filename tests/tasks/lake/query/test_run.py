import os
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import StopFlow
from tasks.lake import Batch, append_batch, create_lake, open_lake, run_query


@pytest.fixture
def stored(lake: Path, make_batch: Callable[..., Batch]) -> Path:
    batch = make_batch()
    append_batch(lake, batch, written_at=batch.extracted_at)
    return lake


def _run(lake: Path, query: str) -> list[tuple[object, ...]]:
    result = run_query(lake, query)
    return list(result.rows) if result else []


def _listing(lake: Path) -> list[str]:
    return sorted(path.relative_to(lake).as_posix() for path in lake.rglob("*"))


def test_a_lake_that_does_not_exist_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="parley ingest"):
        open_lake(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_folder_that_is_no_lake_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for call in (open_lake, create_lake):
        with pytest.raises(StopFlow, match="not a lake"):
            call(tmp_path)
    assert _listing(tmp_path) == ["notes.txt"]


def test_a_file_is_no_lake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StopFlow, match="is a file"):
        create_lake(tmp_path / "file")


def test_creating_a_lake_again_keeps_its_rows(stored: Path) -> None:
    before = _listing(stored)
    create_lake(stored)
    assert _listing(stored) == before


def test_the_last_statement_answers_and_column_names_are_unique(stored: Path) -> None:
    result = run_query(stored, "SELECT 1 AS n; SELECT 2 AS n, 3 AS n, 4 AS n_1")
    assert result is not None
    assert result.columns == ("n", "n_1", "n_1_1")
    assert list(result.rows) == [(2, 3, 4)]


def test_no_statement_gives_no_result(stored: Path) -> None:
    assert run_query(stored, "  -- nothing\n;") is None


def test_values_are_bound_not_pasted(stored: Path) -> None:
    result = run_query(stored, "SELECT $name AS name", {"name": "'; DROP VIEW quotes; --"})
    assert result is not None
    assert list(result.rows) == [("'; DROP VIEW quotes; --",)]


@pytest.mark.parametrize("query", ["SELEC 1", "SELECT nothing FROM quotes", "FROM nowhere", "SELECT 'a'::int"])
def test_wrong_sql_stops_with_the_reason(stored: Path, query: str) -> None:
    with pytest.raises(StopFlow, match=r"Error: "):
        _run(stored, query)


@pytest.mark.parametrize(
    "query",
    [
        "FROM quotes",
        "DESCRIBE quotes",
        "SHOW TABLES",
        "SUMMARIZE quotes",
        "EXPLAIN FROM quotes",
        "PIVOT quotes ON kind USING count(*)",
        "WITH q AS (FROM quotes) SELECT * FROM q",
        "CREATE TEMP TABLE t AS FROM quotes; FROM t",
        "SELECT 'copy to query(x)' AS copy",
        "FROM query_table('quotes')",
    ],
)
def test_reading_is_allowed(stored: Path, query: str) -> None:
    assert _run(stored, query)


@pytest.mark.parametrize("size", [0, 3, 500, -20])
def test_a_truncated_file_is_named(stored: Path, size: int) -> None:
    path = stored / "quotes" / "2026-03-05" / "b1.parquet"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(StopFlow, match=r"^quotes/2026-03-05/b1\.parquet is broken: (.|\n)*parley verify"):
        _run(stored, "FROM quotes")
    assert _run(stored, "SELECT count(*) FROM meetings") == [(1,)]


def test_a_file_with_a_damaged_footer_is_named_though_duckdb_does_not(stored: Path) -> None:
    path = stored / "quotes" / "2026-03-05" / "b1.parquet"
    body = path.read_bytes()
    path.write_bytes(body[:-40] + b"\xff" * 32 + body[-8:])
    with pytest.raises(StopFlow, match=r"^quotes/2026-03-05/b1\.parquet is broken"):
        _run(stored, "FROM quotes")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_lake_that_may_only_be_read_answers(stored: Path) -> None:
    moved = stored.rename(stored.with_name("moved"))
    moved.chmod(0o500)
    try:
        assert _run(moved, "SELECT count(*) FROM quotes") == [(1,)]
    finally:
        moved.chmod(0o700)
