import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import StopFlow
from tasks.lake import Batch, append_batch, create_lake, open_lake


def _query(lake: Path, query: str) -> list[tuple[object, ...]]:
    with open_lake(lake) as connection:
        return connection.execute(query).fetchall()


def _append(lake: Path, *batches: Batch) -> None:
    for batch in batches:
        append_batch(lake, batch, written_at=batch.extracted_at)


def test_an_empty_lake_answers_with_nothing(lake: Path) -> None:
    views = [name for (name,) in _query(lake, "SELECT view_name FROM duckdb_views() WHERE NOT internal")]
    assert len(views) >= 10
    for view in views:
        assert _query(lake, f"FROM {view}") == []


def test_rows_of_the_newest_extraction_hide_those_of_older_ones(lake: Path, make_batch: Callable[..., Batch]) -> None:
    newer = make_batch("a-newer", articles=("a1",), minutes=5)
    _append(lake, make_batch("z-older", articles=("a1", "a2")), replace(newer, quotes=(), topics=()))
    assert _query(lake, "SELECT article_id, batch_id FROM articles ORDER BY ALL") == [
        ("a1", "a-newer"),
        ("a2", "z-older"),
    ]
    assert _query(lake, "SELECT DISTINCT article_id FROM quotes") == [("a2",)]
    assert _query(lake, "SELECT DISTINCT article_id FROM topics") == [("a2",)]
    assert _query(lake, "SELECT DISTINCT batch_id FROM meetings ORDER BY ALL") == [("a-newer",), ("z-older",)]


def test_between_equal_extractions_the_later_copy_counts_then_the_batch_id(
    lake: Path, make_batch: Callable[..., Batch]
) -> None:
    at = make_batch().extracted_at
    append_batch(lake, make_batch("b", articles=("a1", "a2")), written_at=at)
    append_batch(lake, make_batch("a", articles=("a1",)), written_at=at + timedelta(hours=1))
    append_batch(lake, make_batch("c", articles=("a2",)), written_at=at)
    assert _query(lake, "SELECT batch_id FROM meetings ORDER BY article_id") == [("a",), ("c",)]


def test_rows_without_their_articles_file_do_not_count(lake: Path, make_batch: Callable[..., Batch]) -> None:
    _append(lake, make_batch("b1"), make_batch("b2", minutes=1))
    (lake / "articles" / "2026-03-05" / "b2.parquet").unlink()
    for table in ("articles", "meetings", "quotes", "topics"):
        assert _query(lake, f"SELECT DISTINCT batch_id FROM {table}") == [("b1",)]


def test_the_newest_reject_of_an_input_counts_until_it_becomes_an_article(
    lake: Path, make_batch: Callable[..., Batch]
) -> None:
    first = make_batch("r1", articles=(), rejects=("a1.txt", "x.txt", "y.txt"))
    again = make_batch("r2", articles=(), minutes=1, rejects=("x.txt",))
    _append(lake, first, again, make_batch("b1", articles=("a1",), minutes=2))
    assert _query(lake, "SELECT input, batch_id FROM rejects ORDER BY ALL") == [("x.txt", "r2"), ("y.txt", "r1")]


def test_an_article_rejected_later_keeps_its_rows_and_shows_the_reject(
    lake: Path, make_batch: Callable[..., Batch]
) -> None:
    _append(lake, make_batch("b1"), make_batch("r1", articles=(), minutes=1, rejects=("a1.txt",)))
    assert _query(lake, "SELECT count(*) FROM articles") == [(1,)]
    assert _query(lake, "SELECT input FROM rejects") == [("a1.txt",)]


def test_everyday_views(lake: Path, make_batch: Callable[..., Batch]) -> None:
    _append(lake, make_batch())
    flat = _query(lake, "SELECT meeting_id, name, role, participant_country, city, outlet, url FROM meetings_flat")
    assert sorted(flat) == [
        ("m-a1", "An Nhiên", "bà", "VN", "Hue", "Báo Mẫu", "https://example.org/a1"),
        ("m-a1", "Bình Minh", "bà", "VN", "Hue", "Báo Mẫu", "https://example.org/a1"),
    ]
    assert _query(lake, "SELECT who, sentence FROM meetings_in_context") == [
        (
            ["An Nhiên", "Bình Minh"],
            'Ngày 5/3, bà An Nhiên gặp ông Bình Minh tại Huế. "Chúng tôi muốn hòa bình", ông Bình Minh nói.',
        )
    ]
    assert _query(lake, "SELECT text, sentence, outlet FROM quotes_in_context") == [
        ("Chúng tôi muốn hòa bình", '"Chúng tôi muốn hòa bình", ông Bình Minh nói.', "Báo Mẫu")
    ]
    assert _query(lake, "SELECT DISTINCT label, outlet FROM topics_in_context") == [("Peace", "Báo Mẫu")]
    people = _query(lake, "SELECT person, name, country, meetings, quotes FROM people ORDER BY ALL")
    assert people == [
        ("An Nhiên", "An Nhiên", "VN", 1, 0),
        ("Bình Minh", "Bình Minh", "VN", 1, 0),
        ("binh-minh", "Bình Minh", "VN", 0, 1),
    ]


ANSWER = """
import duckdb, pathlib, sys
connection = duckdb.connect()
connection.execute(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
print(connection.execute(sys.argv[2]).fetchall())
"""


def test_a_folder_of_other_things_is_left_alone_even_with_a_table_s_name_in_it(tmp_path: Path) -> None:
    for name in ("articles", "languages"):
        (tmp_path / name).mkdir()
    with pytest.raises(StopFlow, match="choose a new or an empty folder"):
        create_lake(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"articles", "languages"}


@pytest.mark.parametrize("name", ["lake", "it's", "a [b] c", "50%?*", "day=1", "hòa-bình 🕊", '"q"; DROP'])
def test_views_sql_answers_from_any_folder_whatever_the_lake_is_called(
    tmp_path: Path, make_batch: Callable[..., Batch], name: str
) -> None:
    for lake in (tmp_path / name, tmp_path / "b"):
        create_lake(lake)
    _append(tmp_path / name, make_batch())
    with duckdb.connect() as connection:
        connection.execute((tmp_path / name / "views.sql").read_text(encoding="utf-8"))
        connection.execute("USE memory")
        assert connection.execute("SELECT count(*) FROM meetings_flat").fetchall() == [(2,)]
    assert _query(tmp_path / name, "SELECT count(*) FROM quotes") == [(1,)]


def test_views_sql_does_not_depend_on_the_working_directory(
    tmp_path: Path, make_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    create_lake(Path("lake"))
    _append(Path("lake"), make_batch())
    command = [sys.executable, "-c", ANSWER, str(tmp_path / "lake" / "views.sql"), "SELECT count(*) FROM topics"]
    assert subprocess.run(command, cwd="/", capture_output=True, check=True, text=True).stdout == "[(3,)]\n"


def test_a_moved_lake_answers_and_has_its_views_brought_along(
    tmp_path: Path, lake: Path, make_batch: Callable[..., Batch]
) -> None:
    _append(lake, make_batch())
    moved = lake.rename(tmp_path / "elsewhere")
    assert _query(moved, "SELECT count(*) FROM quotes") == [(1,)]
    with duckdb.connect() as connection:
        connection.execute((moved / "views.sql").read_text(encoding="utf-8"))
        assert connection.execute("SELECT count(*) FROM quotes").fetchall() == [(1,)]


def test_files_of_older_and_newer_versions_read_together(lake: Path, make_batch: Callable[..., Batch]) -> None:
    _append(lake, make_batch())
    path = lake / "quotes" / "2026-03-05" / "b1.parquet"
    quotes = pq.ParquetFile(path).read().drop_columns(["addressee"])
    pq.write_table(quotes.append_column("mood", pa.array(["calm"])), path)
    assert _query(lake, "SELECT addressee, speaker FROM quotes") == [(None, "Bình Minh")]


def test_left_over_temporary_files_are_not_read(lake: Path, make_batch: Callable[..., Batch]) -> None:
    _append(lake, make_batch())
    (lake / "quotes" / "2026-03-05" / ".b2.parquet.1-ab.tmp").write_bytes(b"half a fi")
    assert _query(lake, "SELECT count(*) FROM quotes") == [(1,)]
