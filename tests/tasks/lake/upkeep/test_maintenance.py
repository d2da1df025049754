import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake_problems import find_problems
from samples import PAGE
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import Batch, Lake, Maintenance, append_batch, maintain_lake, open_lake
from tasks.lake.storage.layout import find_lake, stored_files
from tasks.lake.upkeep.compaction import compact
from tasks.lake.upkeep.partition import Month, partition_months
from tasks.lake.upkeep.plan import make_plan

SETTINGS = MaintainSettings()
TABLES = ("articles", "meetings", "quotes", "topics", "rejects", "fetches")
MakeBatch = Callable[..., Batch]


def _later(**hours: float) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(**hours)


NOW = _later(hours=0)


def _maintain(lake: Lake, settings: MaintainSettings = SETTINGS, clock: Callable[[], datetime] = NOW) -> Maintenance:
    return maintain_lake(lake, settings, clock=clock, tell=lambda _done, _total: None)


def _append(lake: Lake, *batches: Batch) -> None:
    for batch in batches:
        append_batch(lake, batch, written_at=batch.extracted_at)


def _rows(lake: Lake) -> dict[str, list[tuple[object, ...]]]:
    """All that counts, without what compaction may change."""
    with open_lake(lake) as connection:
        return {
            table: connection.execute(
                f"SELECT * EXCLUDE (batch_id{', written_at' if table == 'articles' else ''}) FROM {table} ORDER BY ALL"
            ).fetchall()
            for table in TABLES
        }


def _names(lake: Lake, table: str) -> list[str]:
    return [file.name for file in stored_files(find_lake(lake), table)]


@pytest.fixture
def ingested(lake: Path, make_batch: MakeBatch) -> Path:
    """Four batches, one of them without articles, and one article that was extracted twice."""
    _fill(lake, make_batch)
    return lake


def _fill(lake: Lake, make_batch: MakeBatch) -> None:
    _append(
        lake,
        make_batch("b1", articles=("a1", "a2"), rejects=("x.txt",), links=("l1", "l2")),
        make_batch("b2", articles=("a3",), minutes=1, rejects=("x.txt", "y.txt"), links=("l2", "l3")),
        make_batch("b3", articles=("a2", "a4"), minutes=2),
        make_batch("b4", articles=(), minutes=3, rejects=("z.txt",)),
    )


def test_the_same_rows_in_one_batch(any_lake: Lake, make_batch: MakeBatch) -> None:
    _fill(any_lake, make_batch)
    ingested, before = any_lake, _rows(any_lake)
    assert _maintain(ingested) == Maintenance(compacted=7, made=3, waiting_batches=3)
    assert _rows(ingested) == before
    assert find_problems(ingested) == ()
    assert _maintain(ingested, clock=_later(hours=2)).deleted_batches == 3
    assert _rows(ingested) == before
    assert {table: len(_names(ingested, table)) for table in TABLES} == dict.fromkeys(TABLES, 1)
    assert all("/2026-03/c" in name for table in TABLES for name in _names(ingested, table))


def test_a_second_run_does_nothing(ingested: Path) -> None:
    _maintain(ingested)
    _maintain(ingested, clock=_later(hours=2))
    assert _maintain(ingested, clock=_later(hours=4)) == Maintenance()


def test_a_dry_run_says_what_a_run_does_and_does_nothing(ingested: Path) -> None:
    before = [_names(ingested, table) for table in TABLES]
    said = maintain_lake(ingested, SETTINGS, clock=_later(hours=2), tell=lambda _done, _total: None, dry_run=True)
    assert (said.compacted, said.made) == (7, 3)
    assert [_names(ingested, table) for table in TABLES] == before


def test_superseded_files_stay_for_those_who_are_reading(ingested: Path) -> None:
    with open_lake(ingested) as reader:
        _maintain(ingested)
        _maintain(ingested, clock=_later(minutes=50))
        assert reader.execute("SELECT count(*) FROM quotes").fetchall() == [(4,)]


def test_what_is_written_meanwhile_wins(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1", articles=("a1", "a2")), make_batch("b2", articles=("a3",)))
    storage = find_lake(lake)
    with open_lake(lake) as connection:
        plan = make_plan(connection, storage, SETTINGS.target_bytes, now=NOW())
        better = replace(make_batch("b3", articles=("a1",), minutes=5), quotes=(), topics=())
        _append(lake, better)
        assert list(compact(connection, storage, plan, clock=NOW)) != [None]
    with open_lake(lake) as connection:
        assert connection.execute("SELECT article_id FROM quotes ORDER BY 1").fetchall() == [("a2",), ("a3",)]
        assert connection.execute("SELECT batch_id FROM articles WHERE article_id = 'a1'").fetchall() == [("b3",)]


def test_two_runs_at_once_double_nothing(ingested: Path) -> None:
    before, storage = _rows(ingested), find_lake(ingested)
    with open_lake(ingested) as one, open_lake(ingested) as two:
        plans = [
            (connection, make_plan(connection, storage, SETTINGS.target_bytes, now=NOW())) for connection in (one, two)
        ]
        for connection, plan in plans:
            assert all(compact(connection, storage, plan, clock=NOW))
    assert _rows(ingested) == before
    for hours in (2, 4):
        _maintain(ingested, clock=_later(hours=hours))
        assert _rows(ingested) == before
    assert len(_names(ingested, "articles")) == 1


def test_a_batch_that_others_took_away_meanwhile_is_left_to_them(ingested: Path) -> None:
    before, storage = _rows(ingested), find_lake(ingested)
    with open_lake(ingested) as connection:
        plan = make_plan(connection, storage, SETTINGS.target_bytes, now=NOW())
        _maintain(ingested)
        _maintain(ingested, clock=_later(hours=2))
        assert list(compact(connection, storage, plan, clock=NOW)) == [None, None, None]
    assert _rows(ingested) == before


def test_large_batches_are_cut_and_sorted(lake: Path, make_batch: MakeBatch) -> None:
    for month in (5, 3, 4):
        batch = make_batch(f"b{month}", articles=tuple(f"a{month}-{i}" for i in range(30)), minutes=month)
        published = [datetime(2026, month, 1 + i, tzinfo=UTC) for i in range(30)]
        articles = (replace(a, published_at=at) for a, at in zip(batch.articles, reversed(published), strict=True))
        _append(lake, replace(batch, articles=tuple(articles)))
    before = _rows(lake)
    target = round(1.2 * (lake / "articles" / "2026-03-05" / "b3.parquet").stat().st_size)
    assert _maintain(lake, MaintainSettings(target_bytes=target // 3)).made > 1
    assert _rows(lake) == before
    for name in (name for name in _names(lake, "articles") if "/c" in name):
        rows = pq.ParquetFile(lake / name).read()
        published = rows["published_at"].to_pylist()
        assert published == sorted(published)
        children = pq.ParquetFile(lake / name.replace("articles", "topics", 1)).read(["article_id"])["article_id"]
        assert list(dict.fromkeys(children.to_pylist())) == rows["article_id"].to_pylist()


def test_columns_of_a_newer_version_are_kept(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1"), make_batch("b2", articles=("a2",)))
    path = lake / "quotes" / "2026-03-05" / "b1.parquet"
    pq.write_table(pq.ParquetFile(path).read().append_column("mood", pa.array(["calm"])), path)
    _maintain(lake)
    (name,) = [name for name in _names(lake, "quotes") if "2026-03/" in name]
    assert sorted(pq.ParquetFile(lake / name).read()["mood"].to_pylist(), key=str) == [None, "calm"]


def test_what_crashed_writers_left_goes_but_never_what_one_is_writing(lake: Path, make_batch: MakeBatch) -> None:
    _append(lake, make_batch("b1"))
    (lake / "articles" / "2026-03-05" / "b1.parquet").rename(lake / "kept")
    (lake / "quotes" / "2026-03-05" / ".b2.parquet.1-ab.tmp").write_bytes(b"half a fi")
    assert _maintain(lake, clock=_later(hours=23)) == Maintenance()
    (lake / "kept").rename(lake / "articles" / "2026-03-05" / "b1.parquet")
    _maintain(lake, clock=_later(hours=23))
    assert len(_rows(lake)["quotes"]) == 1  # the writer was slow, not dead
    append_batch(lake, make_batch("b9", articles=("a9",), minutes=9), written_at=datetime.now(UTC))
    (lake / "articles" / "2026-03-05" / "b9.parquet").unlink()
    _maintain(lake, clock=_later(hours=25))
    assert not list(lake.rglob("*b9*"))
    assert not list(lake.rglob("*.tmp"))


def test_rejects_count_on_after_their_article_came_from_another_input(lake: Path, make_batch: MakeBatch) -> None:
    rejected = make_batch("r1", articles=(), rejects=("a1.txt",))
    stored = make_batch("b1", minutes=1)
    _append(lake, rejected, stored)
    assert _rows(lake)["rejects"] == []
    elsewhere = replace(make_batch("b2", minutes=2).articles[0], input="other.txt")
    _append(lake, replace(make_batch("b2", minutes=2), articles=(elsewhere,)))
    assert len(_rows(lake)["rejects"]) == 1


def test_a_broken_file_is_named_and_nothing_is_deleted(ingested: Path) -> None:
    (ingested / "quotes" / "2026-03-05" / "b1.parquet").write_bytes(b"PAR1 nonsense PAR1")
    with pytest.raises(StopFlow, match=r"quotes/2026-03-05/b1.parquet is broken"):
        _maintain(ingested, clock=_later(hours=9))
    assert len(_names(ingested, "articles")) == 3


@given(
    sizes=st.lists(st.integers(0, 400), max_size=30),
    target=st.integers(1, 100),
)
def test_cuts_hold_all_months_and_are_neither_small_nor_large(sizes: list[int], target: int) -> None:
    months = [Month(f"{number:04}", size) for number, size in enumerate(sizes)]
    stretches = list(partition_months(months, target))
    whole = [one for one in stretches if one.piece == 1]
    assert [one.first for one in whole[1:]] == [months[int(one.last) + 1].name for one in whole[:-1]]
    assert not months or (whole[0].first, whole[-1].last) == (months[0].name, months[-1].name)
    for one in stretches:
        size = sum(month.size_bytes for month in months if one.first <= month.name <= one.last) / one.pieces
        assert size < 2 * target
        assert size >= target or one.last == months[-1].name


# Forks one run for every eleventh step that changes the disk, and has it killed there; runs on until one survives.
# `make torture` dies at all of them.
KILLER = """
import os, pathlib, shutil, signal, sys
from datetime import UTC, datetime, timedelta
import pyarrow.parquet as pq
from schemas.settings import MaintainSettings
from tasks.lake import maintain_lake

def dying(call, step):
    def called(*arguments, **options):
        step()
        result = call(*arguments, **options)
        step()
        return result
    return called

def maintain_and_die(lake, at):
    steps = iter(range(10_000))
    def step():
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)
    for name in ("link", "fsync", "replace", "unlink"):
        setattr(os, name, dying(getattr(os, name), step))
    pq.write_table = dying(pq.write_table, step)
    for hours in (0, 2):
        clock = lambda: datetime.now(UTC) + timedelta(hours=hours)
        maintain_lake(lake, MaintainSettings(), clock=clock, tell=lambda done, total: None)

lake, copies = map(pathlib.Path, sys.argv[1:])
for at in range(0, 10_000, 11):
    shutil.copytree(lake, copies / str(at))
    child = os.fork()
    if not child:
        maintain_and_die(copies / str(at), at)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        print(at)
        sys.exit(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks its runs")
@pytest.mark.long
def test_killed_at_any_step_it_has_lost_nothing_and_the_next_run_ends_it(
    lake: Path, tmp_path: Path, make_batch: MakeBatch
) -> None:
    _append(
        lake,
        make_batch("b1", rejects=("x.txt",), links=("l1",)),
        make_batch("b2", articles=("a1", "a2"), minutes=1, links=("l2",)),
    )
    before = _rows(lake)
    command = [sys.executable, "-c", KILLER, str(lake), str(tmp_path / "copies")]
    kills = int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert kills > 40
    for at in range(0, kills, 11):
        copy = tmp_path / "copies" / str(at)
        assert _rows(copy) == before, at
    for at in range(0, kills, 33):
        copy = tmp_path / "copies" / str(at)
        _maintain(copy, clock=_later(hours=48))
        _maintain(copy, clock=_later(hours=96))
        assert _rows(copy) == before, at
        assert {table: len(_names(copy, table)) for table in TABLES} == dict.fromkeys(TABLES, 1)


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        ({}, ["b1", "b2", "b3"]),
        ({"pages_age": timedelta(days=20)}, ["b2", "b3"]),
        ({"pages_age": None, "pages_bytes": 40_000}, ["b3"]),
        ({"pages_age": None}, ["b1", "b2", "b3"]),
        ({"pages_bytes": 0}, []),
    ],
)
def test_old_pages_go_and_articles_stay(
    any_lake: Lake, make_batch: MakeBatch, bounds: dict[str, object], left: list[str]
) -> None:
    for batch_id, days in (("b1", 30), ("b2", 10), ("b3", 1)):
        body = random.Random(batch_id).randbytes(20_000)  # does not compress
        batch = replace(make_batch(batch_id, articles=(batch_id,)), pages=(replace(PAGE, input=batch_id, body=body),))
        append_batch(any_lake, batch, written_at=batch.extracted_at)
        if isinstance(any_lake, Path):
            then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
            for file in any_lake.glob(f"pages/*/{batch_id}.parquet"):
                os.utime(file, (then, then))
        elif bounds.get("pages_age"):
            pytest.skip("a bucket's files cannot be made old")
    _maintain(any_lake, replace(SETTINGS, grace=timedelta(0), **bounds), _later(minutes=1))  # type: ignore[arg-type]
    with open_lake(any_lake) as connection:
        assert connection.execute("SELECT input FROM pages ORDER BY 1").fetchall() == [(name,) for name in left]
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(3,)]
