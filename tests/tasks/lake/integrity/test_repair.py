from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake_problems import find_problems
from schemas.settings import MaintainSettings
from tasks.lake import Batch, Repair, append_batch, maintain_lake, open_lake, repair_lake

MakeBatch = Callable[..., Batch]
NOW = datetime(2026, 3, 6, tzinfo=UTC)
FOLDER = "broken/20260306T000000"


@pytest.fixture
def stored(lake: Path, make_batch: MakeBatch) -> Path:
    for number, articles in enumerate((("a1", "a2"), ("a2", "a3"))):
        batch = make_batch(f"b{number}", articles=articles, minutes=number, rejects=(f"x{number}.txt",))
        append_batch(lake, batch, written_at=batch.extracted_at)
    return lake


def _break(lake: Path, table: str, batch_id: str) -> None:
    (path,) = (lake / table).glob(f"*/{batch_id}.parquet")
    path.write_bytes(path.read_bytes()[:300])


def _repair(lake: Path) -> Repair:
    (repair,) = repair_lake(lake, now=NOW)
    return repair


def _counts(lake: Path) -> list[tuple[object, ...]]:
    with open_lake(lake) as connection:
        query = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM quotes), (SELECT count(*) FROM rejects)"
        return connection.execute(query).fetchall()


def test_a_sound_lake_needs_none(stored: Path) -> None:
    assert list(repair_lake(stored, now=NOW)) == []


def test_a_dry_run_moves_nothing(stored: Path) -> None:
    _break(stored, "quotes", "b1")
    before = sorted(stored.rglob("*"))
    assert [repair.file for repair in repair_lake(stored, now=NOW, dry_run=True)] == ["quotes/2026-03-05/b1.parquet"]
    assert sorted(stored.rglob("*")) == before


def test_rows_that_can_be_extracted_again(stored: Path) -> None:
    _break(stored, "quotes", "b1")
    repair = _repair(stored)
    assert repair.moved == ("quotes/2026-03-05/b1.parquet",)
    assert repair.inputs == ("a2.txt", "a3.txt")
    assert """parley reextract --force --where "batch_id = 'b1'\"""" in repair.advice
    assert (stored / FOLDER / "quotes/2026-03-05/b1.parquet").stat().st_size == 300
    (lost,) = [problem for problem in find_problems(stored) if problem.row is None]
    assert (lost.file, lost.message.partition(":")[0]) == ("quotes/2026-03-05/b1.parquet", "is missing")
    assert _counts(stored) == [(3, 1, 2)]


def test_articles_go_with_all_their_rows_and_older_ones_count_again(stored: Path) -> None:
    _break(stored, "articles", "b1")
    repair = _repair(stored)
    assert sorted(repair.moved) == [
        f"{table}/2026-03-05/b1.parquet" for table in ("articles", "meetings", "quotes", "topics")
    ]
    assert repair.inputs == ("a2.txt",)  # nobody else knows of a3
    assert repair.advice.endswith("parley ingest a2.txt")
    assert _counts(stored) == [(2, 2, 2)]


def test_nothing_is_lost_where_other_batches_hold_the_same(stored: Path) -> None:
    before = _counts(stored)
    maintain_lake(stored, MaintainSettings(), clock=lambda: datetime.now(UTC), tell=lambda _done, _total: None)
    (copy,) = (path.stem for path in (stored / "topics").glob("2026-03/*.parquet"))
    _break(stored, "topics", copy)
    repair = _repair(stored)
    assert len(repair.moved) == 4
    assert repair.moved[0].startswith("articles/")
    assert repair.advice.startswith("Nothing is lost")
    assert _counts(stored) == before


def test_rejects_and_files_of_nobody(stored: Path) -> None:
    _break(stored, "rejects", "b0")
    (stored / "topics" / "2026-03-05" / "theirs.parquet").write_bytes(b"not ours")
    rejects, foreign = sorted(repair_lake(stored, now=NOW), key=lambda repair: repair.file)
    assert rejects.advice.startswith("Its rows are lost")
    assert foreign.advice.startswith("Nothing is lost: its batch has no articles")
    assert _counts(stored) == [(3, 3, 1)]


def test_of_a_batch_that_is_there_twice_one_is_moved(stored: Path) -> None:
    for table in ("articles", "quotes"):
        copy = stored / table / "2026-03-06" / "b1.parquet"
        copy.parent.mkdir()
        copy.write_bytes((stored / table / "2026-03-05" / "b1.parquet").read_bytes())
    assert _counts(stored) != [(3, 3, 2)]
    repairs = list(repair_lake(stored, now=NOW + timedelta(days=1)))
    assert {repair.advice for repair in repairs} == {"Nothing is lost: another file holds this batch."}
    assert _counts(stored) == [(3, 3, 2)]
