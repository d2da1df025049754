from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lake_problems import find_problems
from tasks.lake import Batch, append_batch, check_batches
from tasks.lake.storage.layout import open_storage
from tasks.lake.storage.parquet import replace_parquet


@pytest.fixture
def stored(lake: Path, make_batch: Callable[..., Batch]) -> Path:
    batch = make_batch(articles=("a1", "a2"), rejects=("x.txt",))
    append_batch(lake, batch, written_at=batch.extracted_at)
    return lake


def _file(lake: Path, table: str) -> Path:
    return lake / table / "2026-03-05" / "b1.parquet"


def _plant(lake: Path, table: str, **cells: Any) -> None:
    """Change cells of a table's first row, as a bug or a stray editor would."""
    rows = pq.ParquetFile(_file(lake, table)).read()
    first, *others = rows.to_pylist()
    planted = rows.from_pylist([first | cells, *others], schema=rows.schema)
    replace_parquet(planted, open_storage(lake), f"{table}/2026-03-05/b1.parquet")


def _party(start: int, end: int) -> list[dict[str, object]]:
    nothing = {"person_id": None, "role": None, "organization": None, "country": None}
    return [{"name": "An Nhiên", "start": start, "end": end, **nothing}]


def test_a_sound_lake_has_no_problems_and_every_row_is_read(stored: Path) -> None:
    rows: Counter[str] = Counter()
    for report in check_batches(stored, now=datetime.now(UTC)):
        assert report.problems == ()
        rows.update(report.rows)
    assert rows == {"rejects": 1, "topics": 6, "quotes": 2, "meetings": 2, "articles": 2}


def test_an_empty_lake_has_no_problems(lake: Path) -> None:
    assert find_problems(lake) == ()


@pytest.mark.parametrize(
    ("table", "cells", "row", "words"),
    [
        ("articles", {"text_sha256": "0" * 64}, "a1", "text_sha256 is not the hash"),
        ("articles", {"blocks": [{"kind": "body", "start": 0, "end": 9_999}]}, "a1", "block [0:9999] lies outside"),
        ("articles", {"article_id": "a2"}, "a2", "stored twice"),
        ("meetings", {"start": -1}, "m-a1", "evidence [-1:"),
        ("meetings", {"end": 9_999}, "m-a1", "lies outside the text"),
        ("meetings", {"participants": _party(5, 5)}, "m-a1", "participant An Nhiên [5:5] lies outside"),
        ("meetings", {"participants": _party(5, 9_999)}, "m-a1", "participant An Nhiên [5:9999] lies outside"),
        ("meetings", {"meeting_id": "m-a2", "article_id": "a2"}, "m-a2", "stored twice"),
        ("meetings", {"article_id": "gone"}, "gone", "an article that its batch does not hold"),
        ("quotes", {"text": "Chúng tôi muốn hoà bình"}, "q-a1", "text says 'Chúng tôi muốn hoà bình', but ["),
        ("quotes", {"start": 3}, "q-a1", "text says"),
        ("quotes", {"end": 9_999}, "q-a1", "text [100:9999] lies outside"),
        ("quotes", {"quoted": [{"start": 4, "end": 2}]}, "q-a1", "quoted [4:2] lies outside"),
        ("quotes", {"speaker_start": -4}, "q-a1", "speaker [-4:"),
        ("quotes", {"speaker_end": None}, "q-a1", "speaker ["),
        ("quotes", {"cue": "hét"}, "q-a1", "cue says 'hét', but ["),
        ("quotes", {"cue_start": None}, "q-a1", "cue [None:"),
        ("quotes", {"meeting_id": "m-a9"}, "q-a1", "meeting_id m-a9 is no meeting"),
        ("quotes", {"article_id": "gone"}, "gone", "an article that its batch does not hold"),
        ("topics", {"spans": [{"start": 0, "end": 9_999}]}, "peace of article a1", "span [0:9999] lies outside"),
        ("topics", {"target_id": "a9"}, "peace of article a9", "target_id a9 is no article"),
        ("topics", {"scope": "quote"}, "peace of quote a1", "target_id a1 is no quote"),
        ("topics", {"article_id": "gone"}, "gone", "an article that its batch does not hold"),
        ("quotes", {"batch_id": "b7"}, None, "holds rows of other batches: b7"),
    ],
)
def test_planted_corruption_is_found(
    stored: Path, table: str, cells: dict[str, object], row: str | None, words: str
) -> None:
    words = words.replace("[100:", f"[{pq.ParquetFile(_file(stored, 'quotes')).read()['start'][0]}:")
    _plant(stored, table, **cells)
    found = [problem for problem in find_problems(stored) if problem.row == row]
    assert any(words in problem.message for problem in found), found
    assert {problem.file for problem in found} == {f"{table}/2026-03-05/b1.parquet"}


@pytest.mark.parametrize("table", ["rejects", "topics", "quotes", "meetings", "articles"])
@pytest.mark.parametrize("size", [0, 100, -3])
def test_a_truncated_file_is_named(stored: Path, table: str, size: int) -> None:
    _file(stored, table).write_bytes(_file(stored, table).read_bytes()[:size])
    assert any(
        problem.file == f"{table}/2026-03-05/b1.parquet" and "cannot be read" in problem.message
        for problem in find_problems(stored)
    )


@pytest.mark.parametrize("table", ["rejects", "topics", "quotes", "meetings", "articles"])
def test_a_flipped_byte_in_the_rows_is_found(stored: Path, table: str) -> None:
    body = bytearray(_file(stored, table).read_bytes())
    body[60] ^= 0xFF
    _file(stored, table).write_bytes(body)
    assert f"{table}/2026-03-05/b1.parquet" in {problem.file for problem in find_problems(stored)}


def test_a_foreign_file_is_named(stored: Path) -> None:
    rows = pq.ParquetFile(_file(stored, "quotes")).read()
    theirs = rows.drop_columns(["cue_start", "rule"])
    replace_parquet(theirs, open_storage(stored), "quotes/2026-03-05/theirs.parquet")
    assert [str(problem) for problem in find_problems(stored)] == [
        "quotes/2026-03-05/theirs.parquet: lacks the columns rule"
    ]


def test_a_batch_stored_under_two_days_is_found(stored: Path) -> None:
    copy = stored / "quotes" / "2026-03-06" / "b1.parquet"
    copy.parent.mkdir()
    copy.write_bytes(_file(stored, "quotes").read_bytes())
    assert [str(problem) for problem in find_problems(stored)] == [
        "quotes/2026-03-06/b1.parquet: stored already as quotes/2026-03-05/b1.parquet"
    ]


def test_what_no_view_shows_is_no_problem(stored: Path, make_batch: Callable[..., Batch]) -> None:
    _plant(stored, "quotes", cue="hét")
    assert find_problems(stored)
    better = make_batch("b2", articles=("a1", "a2"), minutes=1)
    append_batch(stored, better, written_at=better.extracted_at)
    torn = replace(make_batch("b3", articles=("a3",), minutes=2))
    append_batch(stored, torn, written_at=torn.extracted_at)
    (stored / "articles" / "2026-03-05" / "b3.parquet").unlink()
    assert find_problems(stored) == ()


def test_large_batches_are_checked_in_parts(
    lake: Path, make_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.lake.integrity.verify._CHUNK", 2)
    batch = make_batch(articles=("a1", "a2", "a3", "a4", "a5"))
    append_batch(lake, batch, written_at=batch.extracted_at)
    rows: Counter[str] = Counter()
    for report in check_batches(lake, now=datetime.now(UTC)):
        assert report.problems == ()
        rows.update(report.rows)
    assert rows["quotes"] == 5
    _plant(lake, "articles", article_id="a5")
    assert ("a5", "stored twice") in {(problem.row, problem.message) for problem in find_problems(lake)}
