import codecs
import contextlib
import csv
import json
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pyarrow.parquet as pq
import pytest

from schemas.errors import StopFlow
from tasks.lake import Batch, Export, Lake, Limits, append_batch, export_lake, run_query

SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
COUNTS = {"articles": 2, "meetings": 2, "quotes": 2, "topics": 6, "fetches": 0, "rejects": 1}
ONE = {"articles": 1, "meetings": 1, "quotes": 1, "topics": 3, "fetches": 0, "rejects": 1}


def _fill(lake: Lake, make_batch: Callable[..., Batch]) -> None:
    first = make_batch(articles=("a1", "a2"), rejects=("x.txt",))
    old, new = first.articles
    old = replace(old, published_at=datetime(2020, 1, 1, tzinfo=UTC), published_on=date(2020, 1, 1))
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
        with path.open(encoding="utf-8-sig", newline="") as file:
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
@pytest.mark.parametrize("form", ["csv", "duckdb", "sqlite", "xlsx"])
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


@pytest.mark.parametrize("form", ["csv", "duckdb", "sqlite", "xlsx"])
def test_an_export_that_fails_leaves_what_was_there(stored: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out" if form == "csv" else tmp_path / f"out.{form}"
    _export(stored, target, form)
    before = {path: path.read_bytes() for path in tmp_path.rglob("out*") if path.is_file()}
    (stored / "topics" / "2026-03-05" / "b1.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(StopFlow, match=r"cannot export to .*topics/2026-03-05/b1\.parquet"):
        _export(stored, target, form, force=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("out*") if path.is_file()} == before
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


def test_a_database_of_sqlite_has_every_row_and_text_for_what_it_does_not_know(stored: Path, tmp_path: Path) -> None:
    assert _export(stored, tmp_path / "lake.db", "sqlite") == COUNTS
    with contextlib.closing(sqlite3.connect(tmp_path / "lake.db")) as database:
        for table, count in COUNTS.items():
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)
        query = "SELECT at FROM rejects UNION ALL SELECT published_on FROM articles WHERE published_on IS NOT NULL"
        assert ("2026-03-05T12:00:00.000000Z",) in database.execute(query).fetchall()
        (parties, sideline), *_ = database.execute("SELECT participants, sideline FROM meetings").fetchall()
        titles = [title for (title,) in database.execute("SELECT title FROM articles")]
    assert [party["name"] for party in json.loads(parties)] == ["An Nhiên", "Bình Minh"]
    assert sideline in (0, 1)
    assert 'Two "words"\r\nin, lines 🤝' in titles
    assert not [path for path in tmp_path.iterdir() if path.name not in ("lake", "lake.db")]


def test_a_workbook_has_a_sheet_for_each_table(stored: Path, tmp_path: Path) -> None:
    assert _export(stored, tmp_path / "lake.xlsx", "xlsx") == COUNTS
    with zipfile.ZipFile(tmp_path / "lake.xlsx") as workbook:
        sheets = ElementTree.fromstring(workbook.read("xl/workbook.xml"))
        assert [sheet.get("name") for sheet in sheets.iter(f"{SHEETS}sheet")] == list(COUNTS)
        for number, count in enumerate(COUNTS.values(), 1):
            sheet = ElementTree.fromstring(workbook.read(f"xl/worksheets/sheet{number}.xml"))
            assert len(list(sheet.iter(f"{SHEETS}row"))) == count + 1


def test_a_byte_order_mark_lets_excel_read_csv(stored: Path, tmp_path: Path) -> None:
    _export(stored, tmp_path / "with", "csv", bom=True)
    _export(stored, tmp_path / "without", "csv")
    for table, count in COUNTS.items():
        written = (tmp_path / "with" / f"{table}.csv").read_bytes()
        assert written == codecs.BOM_UTF8 + (tmp_path / "without" / f"{table}.csv").read_bytes()
        assert len(_rows(tmp_path / "with" / f"{table}.csv")) == count
    with pytest.raises(StopFlow, match="--bom is for --format csv"):
        _export(stored, tmp_path / "out", "jsonl", bom=True)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_texts_can_be_left_out(stored: Path, tmp_path: Path, form: str) -> None:
    assert _export(stored, tmp_path, form, texts=False) == COUNTS
    columns = _rows(tmp_path / f"articles.{form}")[0].keys()
    assert {"article_id", "title", "url", "published_on"} <= columns
    assert not {"text", "lead"} & columns
    assert "text" in _rows(tmp_path / f"quotes.{form}")[0]


def test_a_database_without_texts_still_has_its_views(stored: Path, tmp_path: Path) -> None:
    _export(stored, tmp_path / "lake.duckdb", "duckdb", texts=False)
    with duckdb.connect(tmp_path / "lake.duckdb", read_only=True) as connection:
        assert connection.execute("SELECT count(text), count(lead), count(*) FROM articles").fetchall() == [(0, 0, 2)]
        assert connection.execute("SELECT count(*), count(sentence) FROM quotes_in_context").fetchall() == [(2, 0)]


def test_older_programs_open_the_database(stored: Path, tmp_path: Path) -> None:
    """Its version of storage is that of DuckDB 1.2: https://duckdb.org/docs/stable/internals/storage."""
    _export(stored, tmp_path / "lake.duckdb", "duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{tmp_path / 'lake.duckdb'}' AS lake (READ_ONLY)")
        ((tags,),) = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'lake'").fetchall()
    assert "v1.2.0" in tags["storage_version"]


def test_pages_are_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="pages are bytes"):
        Export(target=tmp_path / "lake.xlsx", form="xlsx", tables=("pages",))


def test_a_symbolic_link_in_a_lake_stops_with_a_word(stored: Path, tmp_path: Path) -> None:
    day = stored / "quotes" / "2026-03-05"
    day.rename(tmp_path / "elsewhere")
    day.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StopFlow, match=r"^\S+quotes/2026-03-05 is a symbolic link; a lake holds its files itself"):
        _export(stored, tmp_path / "out", "csv")
