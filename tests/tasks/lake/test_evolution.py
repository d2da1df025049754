"""Files that were written once are read for ever, whatever becomes of the schemas."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake_problems import find_problems
from schemas.articles import BatchStamp
from schemas.columns import Formerly, arrow_schema, conform
from schemas.settings import MaintainSettings
from schemas.tables import TABLES
from tasks.lake import Batch, append_batch, maintain_lake, open_lake, run_query

LAKES = Path(__file__).parents[2] / "lakes"
MakeBatch = Callable[..., Batch]


def _maintain(lake: Path) -> None:
    maintain_lake(lake, MaintainSettings(), clock=lambda: datetime.now(UTC), tell=lambda _done, _total: None)


@pytest.mark.parametrize("version", [path.name for path in sorted(LAKES.glob("v*"))])
def test_lakes_of_all_released_versions_answer(version: str, tmp_path: Path) -> None:
    """To add a version: run ``python tests/lakes/make.py VERSION`` with it, once, and commit what it writes."""
    lake = shutil.copytree(LAKES / version, tmp_path / "lake", ignore=shutil.ignore_patterns("empty"))
    for step in (lambda _: None, _maintain):
        step(lake)
        with open_lake(lake) as connection:
            for table, count in {"articles": 2, "meetings": 2, "quotes": 2, "topics": 6, "rejects": 1}.items():
                assert connection.execute(f"SELECT count(*) FROM {table}").fetchall() == [(count,)]
            assert connection.execute(
                "SELECT DISTINCT name, title FROM meetings_flat JOIN articles USING (article_id) ORDER BY ALL"
            ).fetchall() == [("An Nhiên", "An Nhiên gặp Bình Minh"), ("Bình Minh", "An Nhiên gặp Bình Minh")]
            for view in ("articles", "meetings_flat", "quotes_in_context", "topics_in_context", "ledger"):
                day = f"SELECT DISTINCT published_on FROM {view}"
                assert connection.execute(day).fetchall() == [(date(2026, 3, 5),)]
            assert connection.execute("SELECT DISTINCT speaker FROM quotes_in_context").fetchall() == [("Bình Minh",)]
        assert find_problems(lake) == ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """Rejects of some day to come: two columns have better names, and one is new."""

    input: Annotated[str, "The link: path or URL"]
    step: Annotated[str, "Where it ended", Formerly("stage")]
    code: Annotated[str, "Stable name of the reason"]
    reason: Annotated[str, "What was wrong, in words", Formerly("message")]
    hint: Annotated[str | None, "What to do"]
    at: Annotated[datetime, "When, UTC"]
    run_id: Annotated[str, "The run that met it"]
    attempt: Annotated[int, "Which try it was, from 1"]


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> pa.Schema:
    schema = arrow_schema(Renamed, BatchStamp)
    monkeypatch.setitem(TABLES, "rejects", schema)
    return schema


def test_a_renamed_column_answers_to_both_names_and_a_new_one_is_null(
    lake: Path, make_batch: MakeBatch, request: pytest.FixtureRequest
) -> None:
    old = make_batch("b1", articles=(), rejects=("x.txt",))
    append_batch(lake, old, written_at=old.extracted_at)
    schema = request.getfixturevalue("renamed")
    query = "SELECT input, step, stage, reason, message, hint FROM rejects"
    expected = [("x.txt", "clean", "clean", "no text", "no text", None)]
    for _ in range(2):
        result = run_query(lake, query)
        assert result is not None
        assert list(result.rows) == expected
        assert find_problems(lake) == ()
        _maintain(lake)  # the copy has the new names
    (copy,) = (lake / "rejects").glob("2026-03/*.parquet")
    assert pq.read_schema(copy).names == schema.names


def test_rows_conform_to_a_schema_of_another_day(renamed: pa.Schema) -> None:
    cells = {
        "input": ["x"],
        "code": ["empty"],
        "run_id": ["r"],
        "batch_id": ["b"],
        "at": [datetime(2026, 1, 1, tzinfo=UTC)],
    }
    old = pa.table(
        cells
        | {
            "attempt": pa.array([1], pa.int32()),
            "stage": ["read"],
            "reason": ["new"],
            "message": ["old"],
            "mood": ["calm"],
        }
    )
    rows = conform(old, renamed)
    assert rows.column_names == [*renamed.names, "mood"]
    assert rows.select(["step", "reason", "hint", "mood"]).to_pylist() == [
        {"step": "read", "reason": "new", "hint": None, "mood": "calm"}
    ]
    with pytest.raises(pa.ArrowInvalid, match="lacks the columns step"):
        conform(old.drop_columns(["stage"]), renamed)


def test_fields_inside_a_column_may_be_new_or_unknown(lake: Path, make_batch: MakeBatch) -> None:
    spans = pa.array([[{"start": 1, "mood": "calm"}]])
    schema = pa.schema([pa.field("spans", pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())])), False)])
    assert conform(pa.table({"spans": spans}), schema).to_pylist() == [
        {"spans": [{"start": 1, "end": None, "mood": "calm"}]}
    ]
