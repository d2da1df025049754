import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake_problems import find_problems
from schemas.articles import Article
from schemas.columns import to_record
from schemas.errors import StopFlow
from schemas.fetches import Fetch
from schemas.meetings import Meeting
from schemas.pages import RawPage
from schemas.quotes import Quote
from schemas.rejects import Reject
from schemas.tables import TABLES
from schemas.topics import Topic
from tasks.lake import Batch, Lake, append_batch, create_lake, drop_faulty_rows, open_lake
from tasks.lake.storage.layout import columns_file, open_storage

KINDS = {
    "articles": Article,
    "meetings": Meeting,
    "quotes": Quote,
    "topics": Topic,
    "rejects": Reject,
    "fetches": Fetch,
    "pages": RawPage,
}
WHOLE = {"rejects": 1, "fetches": 1, "pages": 1, "topics": 3, "quotes": 1, "meetings": 1, "articles": 1}
NOTHING = dict.fromkeys(("fetches", "pages", "topics", "quotes", "meetings", "articles"), 0)
EVENTS = {"rejects": 1, "fetches": 1, "pages": 1}
"""True on their own: no article need be stored with them."""


def _read(lake: Lake, table: str) -> list[object]:
    with open_lake(lake) as connection:
        result = connection.execute(f"FROM {table}")
        names = [column[0] for column in result.description]
        return [to_record(KINDS[table], dict(zip(names, row, strict=True))) for row in result.fetchall()]


def _query(lake: Lake, query: str) -> list[tuple[object, ...]]:
    with open_lake(lake) as connection:
        return connection.execute(query).fetchall()


def _count(lake: Lake) -> dict[str, object]:
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    return dict(zip(TABLES, _query(lake, f"SELECT {counts}")[0], strict=True))


def _files(lake: Lake) -> set[str]:
    names = {file.name for table in TABLES for file in open_storage(lake).list_files(table)}
    return names - set(map(columns_file, TABLES))


def test_every_record_comes_back_as_it_went_in(any_lake: Lake, make_batch: Callable[..., Batch]) -> None:
    batch = make_batch(articles=("a1", "a2"), rejects=("x.txt",), links=("https://paper.example/1",))
    assert append_batch(any_lake, batch, written_at=batch.extracted_at) == {
        "rejects": 1,
        "fetches": 1,
        "pages": 1,
        "topics": 6,
        "quotes": 2,
        "meetings": 2,
        "articles": 2,
    }
    for table in TABLES:
        assert sorted(_read(any_lake, table), key=repr) == sorted(getattr(batch, table), key=repr)


def test_rows_carry_their_stamps(lake: Path, make_batch: Callable[..., Batch]) -> None:
    batch = make_batch(rejects=("x.txt",))
    append_batch(lake, batch, written_at=batch.extracted_at)
    (article,) = _query(lake, "SELECT batch_id, run_id, extractor, extracted_at FROM articles")
    (reject,) = _query(lake, 'SELECT batch_id, run_id, "at" FROM rejects')
    assert article == ("b1", "run", "parley 0", batch.extracted_at)
    assert reject == ("b1", "run", batch.extracted_at)


def test_a_table_without_rows_gets_no_file(any_lake: Lake, make_batch: Callable[..., Batch]) -> None:
    batch = make_batch(articles=(), rejects=("x.txt",))
    append_batch(any_lake, batch, written_at=batch.extracted_at)
    assert _files(any_lake) == {"rejects/2026-03-05/b1.parquet"}
    assert _count(any_lake) == NOTHING | {"rejects": 1}


def test_a_batch_stored_already_stays_as_it_is(any_lake: Lake, make_batch: Callable[..., Batch]) -> None:
    def look() -> tuple[object, bytes]:
        with storage.open_file("articles/2026-03-05/b1.parquet") as file:
            return storage.list_files("articles"), file.read()

    storage, batch = open_storage(any_lake), make_batch()
    append_batch(any_lake, batch, written_at=batch.extracted_at)
    before = look()
    append_batch(any_lake, batch, written_at=datetime.fromisoformat("2026-03-06T00:00Z"))
    assert look() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda batch: {"articles": batch.articles * 2}, "twice"),
        (lambda batch: {"articles": ()}, "not in it"),
        (lambda batch: {"extracted_at": batch.extracted_at.replace(tzinfo=None)}, "time zone"),
    ],
)
def test_a_batch_that_would_tear_the_lake_is_refused(
    make_batch: Callable[..., Batch], change: Callable[[Batch], dict[str, object]], words: str
) -> None:
    batch = make_batch()
    with pytest.raises(ValueError, match=words):
        replace(batch, **change(batch))


def test_works_where_there_are_no_hard_links(
    lake: Path, make_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    batch = make_batch()
    append_batch(lake, batch, written_at=batch.extracted_at)
    assert _count(lake)["quotes"] == 1
    assert not [name for name in _files(lake) if name.endswith(".tmp")]


def test_a_folder_that_cannot_be_written_stops_the_flow(lake: Path, make_batch: Callable[..., Batch]) -> None:
    (lake / "quotes" / "2026-03-05").write_text("in the way")
    batch = make_batch()
    with pytest.raises(StopFlow, match=r"cannot write .*quotes"):
        append_batch(lake, batch, written_at=batch.extracted_at)
    (lake / "quotes" / "2026-03-05").unlink()
    assert _count(lake) == NOTHING | {"rejects": 0}


def test_a_full_disk_stops_the_flow_and_leaves_nothing_behind(
    lake: Path, make_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    batch = make_batch()
    with pytest.raises(StopFlow, match="No space left"):
        append_batch(lake, batch, written_at=batch.extracted_at)
    assert not _files(lake)


# Forks one writer per step of the protocol, and has it killed at that step; runs on until a writer survives.
KILLER = """
import os, pickle, signal, sys
from pathlib import Path
import pyarrow.parquet as pq
from tasks.lake import append_batch, create_lake

batch = pickle.loads(Path(sys.argv[1]).read_bytes())

def dying(call, step):
    def called(*arguments, **options):
        step()
        result = call(*arguments, **options)
        step()
        return result
    return called

def append_and_die(lake, at):
    steps = iter(range(10_000))
    def step():
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)
    create_lake(lake)
    if lake.startswith("s3://"):
        from tasks.lake.storage.s3 import Bucket
        Bucket._put_file = dying(Bucket._put_file, step)
    else:
        os.link = dying(os.link, step)
        pq.ParquetWriter.write_table = dying(pq.ParquetWriter.write_table, step)
    append_batch(lake, batch, written_at=batch.extracted_at)

for at in range(10_000):
    child = os.fork()
    if not child:
        append_and_die(f"{sys.argv[2]}/{at}", at)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        print(at)
        sys.exit(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks its writers")
@pytest.mark.long
def test_killed_at_any_step_a_batch_is_there_whole_or_not_at_all(
    tmp_path: Path, any_lake: Lake, make_batch: Callable[..., Batch]
) -> None:
    steps = 2 if isinstance(any_lake, str) else 4  # for each table, before and after it is put, or written and linked
    (tmp_path / "batch").write_bytes(pickle.dumps(make_batch(rejects=("x.txt",), links=("l",))))
    command = [sys.executable, "-c", KILLER, str(tmp_path / "batch"), f"{any_lake}-killed"]
    kills = int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert kills == steps * len(TABLES)
    again = make_batch("b2", minutes=1, rejects=("x.txt",), links=("l",))
    for at in range(kills):
        lake = f"{any_lake}-killed/{at}"
        counts = _count(lake)
        # The very last step comes after the publishing of articles.
        assert counts | EVENTS == (WHOLE if at == kills - 1 else NOTHING | EVENTS)
        append_batch(lake, again, written_at=again.extracted_at)
        assert _count(lake) | {"fetches": 1} == WHOLE  # fetches are a log: both tries may be in it
    assert find_problems(f"{any_lake}-killed/5") == ()


WRITER = """
import pickle, sys
from pathlib import Path
from tasks.lake import append_batch
batches = pickle.loads(Path(sys.argv[1]).read_bytes())
print("ready", flush=True)
sys.stdin.readline()
for batch in batches:
    append_batch(sys.argv[2], batch, written_at=batch.extracted_at)
"""


@pytest.mark.parametrize("same_ids", [True, False])
def test_two_processes_at_once_leave_the_rows_of_one(
    tmp_path: Path, any_lake: Lake, make_batch: Callable[..., Batch], same_ids: bool
) -> None:
    writers = []
    for process in ("p", "p" if same_ids else "q"):
        batches = [make_batch(f"{process}{i}", articles=(f"a{i}", f"c{i}"), minutes=i) for i in range(5)]
        (tmp_path / process).write_bytes(pickle.dumps(batches))
        command = [sys.executable, "-c", WRITER, str(tmp_path / process), str(any_lake)]
        writers.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n")
        assert writer.returncode == 0
    rows = {"topics": 30, "quotes": 10, "meetings": 10, "articles": 10}
    assert _count(any_lake) == NOTHING | {"rejects": 0} | rows
    assert find_problems(any_lake) == ()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writes=st.lists(st.tuples(st.sets(st.sampled_from("abc"), min_size=1), st.integers(0, 3)), min_size=1, max_size=6)
)
def test_the_newest_extraction_of_each_article_counts_whatever_the_order(
    make_batch: Callable[..., Batch], writes: list[tuple[set[str], int]]
) -> None:
    expected: dict[str, tuple[int, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        create_lake(lake)
        for number, (articles, minutes) in enumerate(writes):
            batch = make_batch(f"b{number}", articles=tuple(sorted(articles)), minutes=minutes)
            append_batch(lake, batch, written_at=batch.extracted_at)
            for article in articles:
                expected[article] = max(expected.get(article, (-1, "")), (minutes, batch.batch_id))
        query = "SELECT article_id, articles.batch_id, m.batch_id, q.batch_id FROM articles"
        query += " FULL JOIN meetings AS m USING (article_id) FULL JOIN quotes AS q USING (article_id) ORDER BY 1"
        assert _query(lake, query) == [(article, *[expected[article][1]] * 3) for article in sorted(expected)]


def test_rows_that_do_not_point_at_their_words_are_left_out_with_what_leads_to_them(
    make_batch: Callable[..., Batch],
) -> None:
    batch = make_batch(articles=("a1", "a2"))
    empty = replace(batch.quotes[0], start=5, end=5, text="")
    outside = replace(batch.meetings[1], end=9_999)
    sound, faults = drop_faulty_rows(
        replace(batch, quotes=(empty, batch.quotes[1]), meetings=(batch.meetings[0], outside))
    )
    assert [meeting.meeting_id for meeting in sound.meetings] == ["m-a1"]
    assert [(quote.quote_id, quote.meeting_id) for quote in sound.quotes] == [("q-a2", None)]
    assert {topic.target_id for topic in sound.topics} == {"a1", "a2", "m-a1", "q-a2"}
    assert any("quote q-a1 of a1: text [5:5]" in fault for fault in faults)
    assert any("meeting m-a2 of a2" in fault for fault in faults)
    assert drop_faulty_rows(sound) == (sound, ())
