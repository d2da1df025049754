"""Files that others changed, took away or may not read, and files of writers whose clock was ahead."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake_problems import find_problems
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import (
    Batch,
    append_batch,
    check_batches,
    index_lake,
    maintain_lake,
    open_lake,
    repair_lake,
    run_query,
)

MakeBatch = Callable[..., Batch]
NOW = datetime.now(UTC)
SOON = MaintainSettings(grace=timedelta(0))


@pytest.fixture
def stored(lake: Path, make_batch: MakeBatch) -> Path:
    for number in range(2):
        _append(lake, make_batch(f"b{number}", articles=(f"a{number}",), minutes=number))
    return lake


def _append(lake: Path, batch: Batch) -> None:
    append_batch(lake, batch, written_at=batch.extracted_at)


def _maintain(lake: Path, *, hours: float = 48) -> None:
    later = NOW + timedelta(hours=hours)
    maintain_lake(lake, SOON, clock=lambda: later, tell=lambda _done, _total: None)


def _file(lake: Path, table: str, batch_id: str) -> Path:
    (path,) = (lake / table).glob(f"*/{batch_id}.parquet")
    return path


def _rows(lake: Path, query: str) -> list[tuple[object, ...]]:
    result = run_query(lake, query)
    assert result is not None
    return list(result.rows)


def test_a_file_that_somebody_deleted_is_missed(stored: Path) -> None:
    assert find_problems(stored) == ()
    _file(stored, "quotes", "b1").unlink()
    (problem,) = [one for one in find_problems(stored) if one.row is None]
    assert problem.file == "quotes/2026-03-05/b1.parquet"
    assert problem.message.startswith("is missing: 1 rows are lost until parley reextract")


def test_a_file_swapped_for_another_of_the_same_batch_is_found_and_moved(stored: Path, make_batch: MakeBatch) -> None:
    other = make_batch("b1", articles=("a1",), minutes=1)
    rows = pq.ParquetFile(_file(stored, "quotes", "b1")).read()
    words = rows.to_pylist()[0] | {"addressee": "somebody"}
    pq.write_table(pa.Table.from_pylist([words], schema=rows.schema), _file(stored, "quotes", other.batch_id))
    (problem,) = find_problems(stored)
    assert "is not the file that its batch wrote" in problem.message
    (repair,) = repair_lake(stored, now=NOW)
    assert repair.moved == ("quotes/2026-03-05/b1.parquet",)


def test_batches_of_older_versions_have_no_note_of_their_files(stored: Path) -> None:
    articles = _file(stored, "articles", "b1")
    pq.write_table(pq.ParquetFile(articles).read().replace_schema_metadata(), articles)
    assert find_problems(stored) == ()


def test_a_compacted_batch_notes_its_files_too(stored: Path) -> None:
    _maintain(stored)
    (copy,) = (stored / "quotes").glob("2026-03/c*.parquet")
    copy.unlink()
    assert any("is missing: 2 rows" in problem.message for problem in find_problems(stored))


def test_a_deleted_file_of_articles_is_told(stored: Path) -> None:
    _file(stored, "articles", "b1").unlink()
    told = [batch for report in check_batches(stored, now=NOW) for batch in report.without_articles]
    assert told == ["b1"]


def test_a_deleted_file_of_articles_that_the_index_knows_is_a_problem(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.lake.upkeep.index._UNREAD", 0)
    assert index_lake(stored, now=NOW)
    _file(stored, "articles", "b1").unlink()
    (problem,) = find_problems(stored)
    assert "whose file of articles was deleted" in problem.message
    assert "/b1.parquet" in problem.file


def _as_another_writer(path: Path) -> None:
    """Write a file anew as other programs do: dictionaries, long strings, nanoseconds, another codec and format."""
    rows = pq.ParquetFile(path).read()
    for place, field in enumerate(rows.schema):
        column = rows[field.name]
        if pa.types.is_string(field.type):
            rows = rows.set_column(place, field.name, column.dictionary_encode())
        elif pa.types.is_timestamp(field.type):
            rows = rows.set_column(place, field.name, column.cast(pa.timestamp("ns", "Asia/Ho_Chi_Minh")))
        elif pa.types.is_list(field.type):
            rows = rows.set_column(place, field.name, column.cast(pa.large_list(field.type.value_type)))
    pq.write_table(rows, path, compression="gzip", data_page_version="2.0", column_encoding=None)


def _all_rows(lake: Path) -> dict[str, list[tuple[object, ...]]]:
    own = {"articles": "batch_id, written_at", "meetings": "batch_id", "quotes": "batch_id", "topics": "batch_id"}
    return {table: _rows(lake, f"SELECT * EXCLUDE ({names}) FROM {table} ORDER BY ALL") for table, names in own.items()}


def test_files_of_another_writer_are_read_checked_and_compacted(stored: Path) -> None:
    before = _all_rows(stored)
    for path in stored.glob("*/2*/*.parquet"):
        _as_another_writer(path)
    messages = {problem.message.partition(" (")[0] for problem in find_problems(stored)}
    assert messages == {"is not the file that its batch wrote"}  # and nothing is wrong with their rows
    _maintain(stored)
    assert list((stored / "articles").glob("2026-03/c*.parquet"))
    assert _all_rows(stored) == before
    assert find_problems(stored) == ()


def test_a_file_with_other_columns_gives_no_rows(stored: Path) -> None:
    for table in ("meetings", "rejects", "fetches", "pages"):
        path = stored / table / "2026-01-01" / "b1.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"name": ["x"], "price": [1]}), path)
    found = {problem.file for problem in find_problems(stored) if "lacks the columns" in problem.message}
    assert found == {f"{table}/2026-01-01/b1.parquet" for table in ("meetings", "rejects", "fetches", "pages")}
    for table in ("meetings", "rejects", "fetches", "pages"):
        assert _rows(stored, f"SELECT count(*) FROM {table} WHERE batch_id IS NULL") == [(0,)], table


def test_a_file_of_articles_with_other_columns_is_named(stored: Path) -> None:
    path = stored / "articles" / "2026-03-05" / "theirs.parquet"
    pq.write_table(pa.table({"name": ["x"], "price": [1]}), path)
    with pytest.raises(StopFlow, match=r"^articles/2026-03-05/theirs\.parquet is broken"):
        run_query(stored, "SELECT 1")


READER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import check_batches, maintain_lake, repair_lake, run_query
lake, now = Path(sys.argv[1]), datetime.now(UTC)
run_query(lake, "SELECT 1")
os.setegid(65534)
os.seteuid(65534)
for report in check_batches(lake, now=now):
    for problem in report.problems:
        print(problem)
print(list(repair_lake(lake, now=now, dry_run=True)))
for step in (
    lambda: list(run_query(lake, "SELECT count(cue) FROM quotes").rows),
    lambda: maintain_lake(lake, MaintainSettings(), clock=lambda: now, tell=lambda done, total: None),
):
    try:
        print(step())
    except StopFlow as stop:
        print(str(stop).splitlines()[0])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody who has no permission")
def test_a_file_without_permission_is_not_broken(stored: Path) -> None:
    for folder in [stored, *stored.parents]:
        if folder.stat().st_uid == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    _file(stored, "quotes", "b1").chmod(0)
    run = subprocess.run([sys.executable, "-c", READER, str(stored)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    problem, *others, repairs, asked, maintained = run.stdout.splitlines()
    assert not [line for line in others if line.startswith("quotes/")]
    assert problem.startswith("quotes/2026-03-05/b1.parquet: cannot be read: permission denied; give the account")
    assert repairs == "[]"
    assert asked.startswith("quotes/2026-03-05/b1.parquet: permission denied; give the account")
    assert "permission denied" in maintained or "cannot write" in maintained


def _ahead(batch: Batch) -> Batch:
    """The batch as a writer gives it whose clock is a year ahead."""
    then = NOW + timedelta(days=365)
    articles = tuple(replace(article, fetched_at=then) for article in batch.articles)
    return replace(batch, articles=articles, extracted_at=then)


def test_a_clock_that_was_ahead_is_seen_and_deletes_nothing(stored: Path, make_batch: MakeBatch) -> None:
    _append(stored, _ahead(make_batch("b9", articles=("a0",))))
    (problem,) = find_problems(stored)
    assert "clock that was ahead" in problem.message
    _maintain(stored)
    _maintain(stored)
    assert list((stored / "articles").glob("*/b9.parquet"))  # not mixed with others
    (repair,) = repair_lake(stored, now=NOW)
    assert {name.rpartition("/")[2] for name in repair.moved} == {"b9.parquet"}
    with open_lake(stored) as connection:
        found = connection.execute("SELECT article_id, fetched_at < now() FROM articles ORDER BY ALL").fetchall()
    assert found == [("a0", True), ("a1", True)]
    assert find_problems(stored) == ()
