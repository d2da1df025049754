"""One state of the lake for every query of a session; of now, or of an earlier time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import Batch, append_batch, count_forgotten, maintain_lake, open_lake, query_session, run_query
from tasks.lake.views.everyday import describe_views

MakeBatch = Callable[..., Batch]
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def _append(lake: Path, *batches: Batch) -> None:
    for batch in batches:
        append_batch(lake, batch, written_at=batch.extracted_at)


def _maintain(lake: Path, hours: float) -> None:
    clock = lambda: datetime.now(UTC) + timedelta(hours=hours)  # noqa: E731
    maintain_lake(lake, MaintainSettings(), clock=clock, tell=lambda _done, _total: None)


def _batches(lake: Path, minutes: int) -> list[tuple[object, ...]]:
    query = "SELECT batch_id FROM quotes UNION ALL SELECT input FROM rejects ORDER BY ALL"
    with open_lake(lake, as_of=NOON + timedelta(minutes=minutes)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def told(lake: Path, make_batch: MakeBatch) -> Path:
    """An article that was extracted twice, a reject that became an article, and one that did not."""
    _append(
        lake,
        make_batch("b1", articles=("a1",), rejects=("a2.txt",)),
        make_batch("b2", articles=("a1", "a2"), minutes=10),
        make_batch("b3", articles=(), minutes=20, rejects=("x.txt",)),
    )
    return lake


def test_what_was_known_at_a_time(told: Path) -> None:
    assert _batches(told, -1) == []
    assert _batches(told, 0) == [("a2.txt",), ("b1",)]
    assert _batches(told, 9) == [("a2.txt",), ("b1",)]
    assert _batches(told, 10) == [("b2",), ("b2",)]
    assert _batches(told, 20) == [("b2",), ("b2",), ("x.txt",)]


def test_every_view_answers_for_a_time(told: Path) -> None:
    with open_lake(told, as_of=NOON) as then, open_lake(told, as_of=NOON - timedelta(minutes=1)) as before:
        for view in (*describe_views(), "articles", "meetings", "quotes", "topics", "rejects"):
            assert view == "who_met_whom" or then.execute(f"FROM {view}").fetchall(), view  # they are of one country
            assert before.execute(f"FROM {view}").fetchall() == [], view


def test_a_session_of_duckdb_itself_goes_back_and_forth(told: Path) -> None:
    views = (told / "views.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        for at, count in (("2026-03-05 19:00+07", 1), ("2026-03-05 12:10Z", 2), (None, 2)):
            connection.execute("SET VARIABLE parley_as_of = $at", {"at": at})
            connection.execute(views)
            assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(count,)]


def test_compaction_does_not_change_what_was_known(told: Path, make_batch: MakeBatch) -> None:
    _append(told, make_batch("b4", articles=("a4",), minutes=30))
    known = {minutes: len(_batches(told, minutes)) for minutes in (10, 20, 29, 30)}
    _maintain(told, 0)
    assert {minutes: len(_batches(told, minutes)) for minutes in known} == known
    assert count_forgotten(told, NOON + timedelta(minutes=5)) == 2  # were read by then, and extracted later
    _maintain(told, 2)
    assert count_forgotten(told, NOON + timedelta(minutes=5)) == 3
    assert {minutes: len(_batches(told, minutes)) for minutes in known} == known


def test_what_maintain_forgot_is_counted(told: Path) -> None:
    _maintain(told, 0)
    _maintain(told, 2)
    assert _batches(told, 5) == []
    assert count_forgotten(told, NOON + timedelta(minutes=5)) == 2  # all were read at noon
    assert count_forgotten(told, NOON + timedelta(minutes=10)) == 0


def test_the_newest_reading_counts_before_the_newest_extraction(lake: Path, make_batch: MakeBatch) -> None:
    read_later = make_batch("b1", minutes=1)
    (article,) = read_later.articles
    later = replace(article, fetched_at=article.fetched_at + timedelta(minutes=1))
    _append(lake, replace(read_later, articles=(later,)), make_batch("b2", minutes=5))
    assert _batches(lake, 60) == [("b1",)]


def test_a_session_sees_no_batch_that_came_later(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1", articles=("a1", "a2")))
    with open_lake(lake) as early:
        _append(lake, make_batch("b2", articles=("a2", "a3"), minutes=1))
        for table in ("articles", "meetings", "quotes"):
            assert early.execute(f"SELECT DISTINCT batch_id FROM {table}").fetchall() == [("b1",)]
            assert early.execute(f"SELECT count(*) FROM {table}").fetchall() == [(2,)]


def test_a_file_that_goes_between_listing_and_reading_is_looked_for_again(
    lake: Path, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    _append(lake, make_batch("b1"), make_batch("b2", minutes=1))
    steps = [lambda: _maintain(lake, 0), lambda: _maintain(lake, 2)]

    def open_and_be_overtaken(*arguments: object, **options: object) -> duckdb.DuckDBPyConnection:
        connection = open_lake(*arguments, **options)  # type: ignore[arg-type]
        while steps:
            steps.pop(0)()
        return connection

    monkeypatch.setattr("tasks.lake.query.run.open_lake", open_and_be_overtaken)
    result = run_query(lake, "SELECT count(*) FROM quotes")
    assert result is not None
    assert list(result.rows) == [(1,)]


def test_a_session_that_outlives_its_files_says_so(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1"))
    with open_lake(lake) as connection:
        _maintain(lake, 0)
        _maintain(lake, 2)
        with pytest.raises(StopFlow, match="taken away meanwhile"):
            query_session(connection, lake, "SELECT count(speaker) FROM quotes")


def test_a_file_that_is_gone_is_no_broken_file(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1"))
    with pytest.raises(StopFlow, match="taken away meanwhile"):
        run_query(lake, "SELECT count(*) FROM read_parquet(getvariable('parley_lake') || '/quotes/gone/gone.parquet')")
