import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from schemas.errors import StopFlow
from tasks.lake import Batch, Export, Lake, Limits, append_batch, export_lake, run_query

COUNTS = {"articles": 2, "meetings": 2, "quotes": 2, "topics": 6, "fetches": 0, "rejects": 1}
ONE = {"articles": 1, "meetings": 1, "quotes": 1, "topics": 3, "fetches": 0, "rejects": 1}


def _fill(lake: Lake, make_batch: Callable[..., Batch]) -> None:
    first = make_batch(articles=("a1", "a2"), rejects=("x.txt",))
    old, new = first.articles
    old = replace(old, published_at=datetime(2020, 1, 1, tzinfo=UTC))
    batch = replace(first, articles=(old, replace(new, title='Two "words"\r\nin, lines 🤝')))
    append_batch(lake, batch, written_at=batch.extracted_at)


@pytest.fixture
def stored(lake: Path, make_batch: Callable[..., Batch]) -> Path:
    _fill(lake, make_batch)
    return lake


def _export(lake: Lake, target: Path, form: str, **options: object) -> dict[str, int]:
    return export_lake(lake, Export(target=target, form=form, **options), Limits())


def _rows(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return pq.ParquetFile(path).read().to_pylist()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_table_becomes_a_file_with_every_row(stored: Path, tmp_path: Path, form: str) -> None:
    assert _export(stored, tmp_path / "out", form) == COUNTS
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{table}.{form}" for table in COUNTS}
    for table, count in COUNTS.items():
        assert len(_rows(tmp_path / "out" / f"{table}.{form}")) == count
    titles = [row["title"] for row in _rows(tmp_path / "out" / f"articles.{form}")]
    assert 'Two "words"\r\nin, lines 🤝' in titles


def test_a_lake_in_a_bucket_is_exported(any_lake: Lake, make_batch: Callable[..., Batch], tmp_path: Path) -> None:
    _fill(any_lake, make_batch)
    assert _export(any_lake, tmp_path / "out", "jsonl") == COUNTS


def test_csv_has_nested_columns_as_json_and_times_in_utc(stored: Path, tmp_path: Path) -> None:
    _export(stored, tmp_path, "csv")
    meeting = _rows(tmp_path / "meetings.csv")[0]
    assert [party["name"] for party in json.loads(str(meeting["participants"]))] == ["An Nhiên", "Bình Minh"]
    assert _rows(tmp_path / "rejects.csv")[0]["at"] == "2026-03-05T12:00:00.000000Z"


def test_a_database_has_tables_and_the_everyday_views(stored: Path, tmp_path: Path) -> None:
    assert _export(stored, tmp_path / "lake.duckdb", "duckdb") == COUNTS
    assert [path.name for path in tmp_path.iterdir() if path.name != "lake"] == ["lake.duckdb"]
    with duckdb.connect(tmp_path / "lake.duckdb", read_only=True) as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        assert tables == [(table,) for table in sorted(COUNTS)]
        answer = connection.execute("SELECT DISTINCT said_by, topic FROM ledger").fetchall()
    assert answer == list(run_query(stored, "SELECT DISTINCT said_by, topic FROM ledger").rows)


def test_one_table_can_be_one_file(stored: Path, tmp_path: Path) -> None:
    assert _export(stored, tmp_path / "who.csv", "csv", tables=("meetings_flat",)) == {"meetings_flat": 4}
    assert len(_rows(tmp_path / "who.csv")) == 4
    assert _export(stored, tmp_path / "some", "jsonl", tables=("quotes", "ledger")) == {"quotes": 2, "ledger": 2}


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        (
            {"since": date(2026, 1, 1)},
            ONE,
        ),
        (
            {"until": date(2025, 1, 1)},
            ONE | {"rejects": 0},
        ),
        ({"since": date(2021, 1, 1), "until": date(2022, 1, 1)}, dict.fromkeys(COUNTS, 0)),
    ],
)
@pytest.mark.parametrize("form", ["csv", "duckdb"])
def test_only_days_that_are_asked_for(
    stored: Path, tmp_path: Path, form: str, days: dict[str, date], counts: dict[str, int]
) -> None:
    assert _export(stored, tmp_path / "out", form, **days) == counts


def test_days_of_a_view_without_articles_are_refused(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="cannot be told of people"):
        _export(stored, tmp_path / "out", "csv", tables=("quotes", "people"), since=date(2026, 1, 1))
    assert list((tmp_path / "out").iterdir()) == []


def test_nothing_is_replaced_without_force(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "quotes.csv").write_text("mine")
    with pytest.raises(StopFlow, match=r"quotes\.csv is there already; .* --force"):
        _export(stored, tmp_path, "csv")
    assert {path.name for path in tmp_path.iterdir()} == {"lake", "quotes.csv"}
    assert (tmp_path / "quotes.csv").read_text() == "mine"
    _export(stored, tmp_path, "csv", force=True)
    assert len(_rows(tmp_path / "quotes.csv")) == 2


@pytest.mark.parametrize("form", ["csv", "duckdb"])
def test_an_export_that_fails_leaves_what_was_there(stored: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out.duckdb" if form == "duckdb" else tmp_path / "out"
    _export(stored, target, form)
    before = {path: path.read_bytes() for path in tmp_path.rglob("out*/*") if path.is_file()}
    (stored / "topics" / "2026-03-05" / "b1.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(StopFlow, match=r"cannot export to .*topics/2026-03-05/b1\.parquet"):
        _export(stored, target, form, force=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("out*/*") if path.is_file()} == before
    assert not list(tmp_path.rglob("*.tmp*"))


def test_a_table_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="there is no table nothing; choose among articles, meetings"):
        Export(target=tmp_path, form="csv", tables=("quotes", "nothing"))


def test_a_database_is_no_folder(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="is a folder; name a file"):
        _export(stored, tmp_path, "duckdb", force=True)


def test_a_place_that_cannot_be_written_is_named(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StopFlow, match="cannot write"):
        _export(stored, tmp_path / "file" / "out", "csv")


def test_awkward_paths_are_no_sql(stored: Path, tmp_path: Path) -> None:
    target = tmp_path / "it's; DROP [x] 🕊"
    assert _export(stored, target, "csv") == COUNTS
    assert len(_rows(target / "quotes.csv")) == 2
    assert _export(stored, tmp_path / "it's.duckdb", "duckdb") == COUNTS


def test_each_table_is_told_before_it_is_written(stored: Path, tmp_path: Path) -> None:
    told: list[str] = []
    export_lake(stored, Export(target=tmp_path / "out", form="csv"), Limits(), told=told.append)
    assert told == list(COUNTS)
