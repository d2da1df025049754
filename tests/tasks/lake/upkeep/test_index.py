"""The index only saves time: with it and without it a lake answers alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from lake_problems import find_problems
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import (
    Batch,
    Lake,
    append_batch,
    create_lake,
    index_lake,
    maintain_lake,
    open_lake,
    repair_lake,
)
from tasks.lake.query.run import open_for_upkeep
from tasks.lake.storage.layout import INDEX_FOLDER, find_lake
from tasks.lake.upkeep import index as module

MakeBatch = Callable[..., Batch]
NOW = datetime(2026, 3, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every lake is worth an index."""
    monkeypatch.setattr(module, "_UNREAD", 2)


def _append(lake: Lake, *batches: Batch) -> None:
    for batch in batches:
        append_batch(lake, batch, written_at=batch.extracted_at)


def _current(lake: Lake, as_of: datetime | None = None) -> list[tuple[object, ...]]:
    with open_lake(lake, as_of=as_of) as connection:
        return connection.execute("FROM current_batches ORDER BY ALL").fetchall()


def _unread(lake: Lake) -> list[str]:
    with open_for_upkeep(find_lake(lake)) as connection:
        ((files,),) = connection.execute("SELECT getvariable('parley_unread')").fetchall()
    return sorted({file.rpartition("/")[2].removesuffix(".parquet") for file in files} - {"columns"})


def _indexes(lake: Lake) -> list[str]:
    return [file.name for file in find_lake(lake).list_files(INDEX_FOLDER)]


def test_what_is_in_it_and_what_is_newer_count_alike(any_lake: Lake, make_batch: MakeBatch) -> None:
    _append(any_lake, make_batch("b1", articles=("a1", "a2")), make_batch("b2", articles=("a2", "a3"), minutes=1))
    assert _unread(any_lake) == ["b1", "b2"]
    before = _current(any_lake)
    assert index_lake(any_lake, now=NOW)
    assert _unread(any_lake) == []
    assert _current(any_lake) == before == [("a1", "b1"), ("a2", "b2"), ("a3", "b2")]
    newer = make_batch("b3", articles=("a1", "a4"), minutes=2)
    _append(any_lake, newer)
    assert _unread(any_lake) == ["b3"]
    assert _current(any_lake) == [("a1", "b3"), ("a2", "b2"), ("a3", "b2"), ("a4", "b3")]
    assert _current(any_lake, as_of=newer.extracted_at - timedelta(seconds=1)) == before
    assert find_problems(any_lake) == ()


def test_batches_that_are_gone_do_not_count(any_lake: Lake, make_batch: MakeBatch) -> None:
    _append(any_lake, make_batch("b1", articles=("a1",)), make_batch("b2", articles=("a1", "a2"), minutes=1))
    index_lake(any_lake, now=NOW)
    storage = find_lake(any_lake)
    for table in ("articles", "meetings", "quotes", "topics"):
        storage.delete(next(file.name for file in storage.list_files(table) if file.stem == "b2"))
    assert _current(any_lake) == [("a1", "b1")]


def test_it_is_made_when_it_is_worth_it(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1"))
    assert not index_lake(lake, now=NOW)
    _append(lake, make_batch("b2", minutes=1))
    assert index_lake(lake, now=NOW)
    assert not index_lake(lake, now=NOW), "nothing is new"
    _append(lake, make_batch("b3", minutes=2), make_batch("b4", minutes=3))
    maintain_lake(lake, MaintainSettings(), clock=lambda: datetime.now(UTC), tell=lambda _done, _total: None)
    assert len(_indexes(lake)) == 2, "somebody may be reading the first"
    _append(lake, make_batch("b5", minutes=4), make_batch("b6", minutes=5))
    assert index_lake(lake, now=datetime.now(UTC) + timedelta(hours=2))
    assert len(_indexes(lake)) == 1


def test_one_of_a_clock_that_was_ahead_is_not_the_last_for_ever(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1"), make_batch("b2", minutes=1))
    assert index_lake(lake, now=NOW + timedelta(days=400))
    _append(lake, make_batch("b3", minutes=2), make_batch("b4", minutes=3))
    assert index_lake(lake, now=NOW)
    assert _unread(lake) == []


def test_duckdb_reads_it_by_itself(tmp_path: Path, make_batch: MakeBatch) -> None:
    lake = tmp_path / "a [lake]*?"
    create_lake(lake)
    _append(lake, make_batch("b1", articles=("a1", "a2")), make_batch("b2", articles=("a2",), minutes=1))
    index_lake(lake, now=NOW)
    with duckdb.connect() as connection:
        connection.execute((lake / "views.sql").read_text(encoding="utf-8"))
        assert connection.execute("FROM current_batches ORDER BY ALL").fetchall() == [("a1", "b1"), ("a2", "b2")]
        ((used,),) = connection.execute("SELECT getvariable('parley_index')").fetchall()
    assert "/index/articles/" in used


def test_a_broken_one_is_named_and_moved_aside(any_lake: Lake, make_batch: MakeBatch) -> None:
    _append(any_lake, make_batch("b1"), make_batch("b2", articles=("a2",), minutes=1))
    index_lake(any_lake, now=NOW)
    (name,) = _indexes(any_lake)
    find_lake(any_lake).replace(name, b"PAR1 and nothing more")
    with pytest.raises(StopFlow, match=f"{name} is broken"):
        _current(any_lake)
    assert [problem.file for problem in find_problems(any_lake)] == [name]
    (repair,) = repair_lake(any_lake, now=NOW)
    assert (repair.moved, repair.advice.partition(":")[0]) == ((name,), "Nothing is lost")
    assert _current(any_lake) == [("a1", "b1"), ("a2", "b2")]
