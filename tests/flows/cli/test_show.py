import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flows.cli.output.tables import print_rows
from flows.cli.show import show, verify
from flows.cli.sql import sql
from samples import ARTICLE, MEETING, PARTICIPANT, QUOTE, TOPIC
from schemas.articles import Article
from schemas.errors import StopFlow
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.rejects import Reject
from schemas.topics import Topic
from tasks.lake import Batch, QueryResult, append_batch, create_lake

Output = Callable[[], tuple[str, str]]
TEXT = 'Mở đầu. "Vì hòa bình!", bà Đỗ Thị Ánh nói. Kết thúc.'


def _article(article_id: str, published_at: datetime | None) -> Article:
    return replace(
        ARTICLE,
        article_id=article_id,
        input=f"{article_id}.txt",
        outlet="Báo [Mẫu]",
        published_at=published_at,
        published_from=None,
        text=TEXT,
        text_sha256=sha256(TEXT.encode()).hexdigest(),
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _meeting(article_id: str, names: tuple[str, ...], **cells: Any) -> Meeting:
    parties = tuple(replace(PARTICIPANT, name=name, end=2) for name in names)
    own = {"meeting_id": f"m-{article_id}", "article_id": article_id, "participants": parties, "format": None, "end": 7}
    return replace(MEETING, **own | cells)


def _quote(article_id: str) -> Quote:
    words = "Vì hòa bình!"
    start = TEXT.index(words)
    name = TEXT.index("Đỗ Thị Ánh")
    return replace(
        QUOTE,
        quote_id=f"q-{article_id}",
        article_id=article_id,
        text=words,
        start=start,
        end=start + len(words),
        speaker="Đỗ Thị Ánh",
        speaker_start=name,
        speaker_end=name + len("Đỗ Thị Ánh"),
    )


def _topic(article_id: str, topic_id: str, scope: Any, target_id: str) -> Topic:
    own = {"topic_id": topic_id, "article_id": article_id, "label": topic_id.title()}
    return replace(TOPIC, **own, scope=scope, target_id=target_id)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    create_lake(tmp_path / "lake")
    day = {"date_start": date(2026, 3, 5), "date_precision": "day"}
    batch = Batch(
        "b1",
        "run",
        datetime(2026, 3, 9, tzinfo=UTC),
        (_article("a1", datetime(2026, 3, 4, 17, tzinfo=UTC)), _article("a2", None)),
        (
            _meeting("a1", ("Đỗ Thị Ánh", "José Pérez"), **day, city="Hue", country="VN", duration_minutes=270),
            _meeting("a1", ("Ai Đó",), meeting_id="m-span", **(day | {"date_end": date(2026, 3, 7)})),
            _meeting("a2", ("Ai Đó",), date_start=date(2025, 2, 1), date_precision="month", status="planned"),
            _meeting("a2", ("Ai Đó",), meeting_id="m-year", date_start=date(2024, 1, 1), date_precision="year"),
            _meeting("a2", ("Ai Đó",), meeting_id="m-undated", duration_minutes=9, duration_qualifier="lt"),
        ),
        (_quote("a1"),),
        (
            _topic("a1", "peace", "article", "a1"),
            _topic("a1", "peace", "quote", "q-a1"),
            _topic("a2", "trade", "article", "a2"),
        ),
        (Reject(input="x.txt", stage="clean", code="empty", message="no text"),),
        "parley 0",
    )
    append_batch(tmp_path / "lake", batch, written_at=batch.extracted_at)
    return tmp_path / "lake"


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    def read() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return read


def _shown(output: Output, *arguments: Any, **options: Any) -> list[dict[str, Any]]:
    show(*arguments, **options, format="json")
    return json.loads(output()[0])


def test_sql_prints_a_table_of_whole_lines_and_counts_on_stderr(lake: Path, output: Output) -> None:
    sql(f"SELECT '{'x' * 300}' AS long, [1, 2] AS list, NULL AS none, 'a' || chr(10) || 'b' AS lines", lake=lake)
    out, err = output()
    assert err == "1 row\n"
    header, _, row = out.splitlines()
    assert header.split() == ["long", "list", "none", "lines"]
    assert row.split() == ["x" * 300, "[1,", "2]", "a", "b"]


def test_sql_prints_markup_and_escapes_as_they_are(lake: Path, output: Output) -> None:
    sql("SELECT outlet, chr(27) || '[31m' AS red FROM articles LIMIT 1", lake=lake)
    out, _ = output()
    assert "Báo [Mẫu]" in out
    assert "\x1b" not in out


def test_sql_prints_json(lake: Path, output: Output) -> None:
    sql(
        """
        SELECT meeting_id, date_start, participants[1].name AS name, {'a': [1.5, NULL]} AS nested, 7::HUGEINT AS big,
            1.50::DECIMAL(9, 2) AS price, 'nan'::DOUBLE AS nan, extracted_at, MAP {1: 'x'} AS map, 'a'::BLOB AS bytes,
            INTERVAL 1 DAY AS day, uuid AS id, true AS yes
        FROM meetings JOIN articles USING (article_id), (SELECT '00000000-0000-0000-0000-000000000001'::UUID AS uuid)
        WHERE meeting_id = 'm-a1'
        """,
        lake=lake,
        format="json",
    )
    out, _ = output()
    assert "Đỗ Thị Ánh" in out
    assert json.loads(out) == [
        {
            "meeting_id": "m-a1",
            "date_start": "2026-03-05",
            "name": "Đỗ Thị Ánh",
            "nested": {"a": [1.5, None]},
            "big": 7,
            "price": 1.5,
            "nan": None,
            "extracted_at": "2026-03-09T00:00:00+00:00",
            "map": {"1": "x"},
            "bytes": "61",
            "day": "1 day, 0:00:00",
            "id": "00000000-0000-0000-0000-000000000001",
            "yes": True,
        }
    ]


@pytest.mark.parametrize(("limit", "rows"), [(0, []), (1, [{"n": 0}]), (3, [{"n": 0}, {"n": 1}, {"n": 2}])])
def test_json_is_one_array_whatever_the_number_of_rows(
    lake: Path, output: Output, limit: int, rows: list[dict[str, int]]
) -> None:
    sql(f"SELECT range AS n FROM range({limit})", lake=lake, format="json")
    assert json.loads(output()[0]) == rows


def test_sql_prints_csv(lake: Path, output: Output) -> None:
    sql("SELECT 'a,\"b\"' AS q, chr(10) AS line, NULL AS none, ['Đ'] AS list, true AS yes", lake=lake, format="csv")
    out, _ = output()
    assert out == 'q,line,none,list,yes\r\n"a,""b""","\n",,"[""Đ""]",true\r\n'
    assert list(csv.reader(io.StringIO(out, newline="")))[1] == ['a,"b"', "\n", "", '["Đ"]', "true"]


def test_sql_comes_from_standard_input(lake: Path, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT count(*) AS n FROM articles"))
    sql(lake=lake, format="json")
    assert json.loads(output()[0]) == [{"n": 2}]


@pytest.mark.parametrize("query", ["", "-- nothing", "SELEC 1", "FROM nowhere", "COPY articles TO 'x.csv'"])
def test_wrong_sql_stops_with_a_word(lake: Path, output: Output, query: str) -> None:
    with pytest.raises(StopFlow, match=r".{10}"):
        sql(query, lake=lake)
    assert output()[0] == ""


def test_a_query_that_fails_half_way_stops_with_a_word(lake: Path) -> None:
    with pytest.raises(StopFlow, match="Error"):
        sql("SELECT CASE WHEN range > 400000 THEN error('late') END FROM range(500000)", lake=lake, format="csv")


def test_show_meetings(lake: Path, output: Output) -> None:
    rows = _shown(output, "meetings", lake=lake)
    assert [row["date"] for row in rows] == ["2026-03-05", "2026-03-05/2026-03-07", "2025-02", "2024", None]
    assert rows[0] == {
        "date": "2026-03-05",
        "status": "held",
        "format": None,
        "who": "Đỗ Thị Ánh, José Pérez",
        "where": "Hue, VN",
        "minutes": "270",
        "occasion": None,
        "outlet": "Báo [Mẫu]",
    }
    assert rows[-1]["minutes"] == "<9"


@pytest.mark.parametrize("person", ["do thi", "ĐỖ THỊ ÁNH", "perez", "PE\u0301REZ", "José"])
def test_a_person_is_found_whatever_the_case_and_accents(lake: Path, output: Output, person: str) -> None:
    (row,) = _shown(output, "meetings", person=person, lake=lake)
    assert row["who"] == "Đỗ Thị Ánh, José Pérez"


@pytest.mark.parametrize("person", ["%", "_", "' OR true --", "Ánh, José"])
def test_a_person_is_words_not_a_pattern(lake: Path, output: Output, person: str) -> None:
    assert _shown(output, "meetings", person=person, lake=lake) == []


@pytest.mark.parametrize(
    ("since", "until", "dates"),
    [
        (date(2026, 3, 6), None, ["2026-03-05/2026-03-07"]),
        (date(2026, 3, 8), None, []),
        (None, date(2026, 3, 4), ["2025-02", "2024"]),
        (date(2025, 2, 28), date(2025, 12, 31), ["2025-02"]),
        (date(2024, 12, 31), date(2024, 12, 31), ["2024"]),
    ],
)
def test_meetings_are_chosen_by_the_days_they_may_have_lasted(
    lake: Path, output: Output, since: date | None, until: date | None, dates: list[str]
) -> None:
    assert [row["date"] for row in _shown(output, "meetings", since=since, until=until, lake=lake)] == dates


def test_show_quotes_with_the_sentence_around(lake: Path, output: Output) -> None:
    assert _shown(output, "quotes", person="anh", lake=lake) == [
        {
            "words": "Vì hòa bình!",
            "who": "Đỗ Thị Ánh",
            "role": None,
            "kind": "direct",
            "published": "2026-03-04T17:00:00+00:00",
            "outlet": "Báo [Mẫu]",
            "place": "",
            "sentence": '"Vì hòa bình!", bà Đỗ Thị Ánh nói.',
            "url": None,
        }
    ]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        # 17:00 UTC on the 4th is midnight of the 5th in Hanoi: both days are right.
        (date(2026, 3, 5), date(2026, 3, 5), 1),
        (date(2026, 3, 4), date(2026, 3, 4), 1),
        (date(2026, 3, 6), None, 0),
        (None, date(2026, 3, 2), 0),
    ],
)
def test_quotes_are_chosen_by_the_day_they_were_published_anywhere(
    lake: Path, output: Output, since: date | None, until: date | None, found: int
) -> None:
    assert len(_shown(output, "quotes", since=since, until=until, lake=lake)) == found


def test_show_topics_counts(lake: Path, output: Output) -> None:
    rows = _shown(output, "topics", lake=lake)
    assert [(row["topic"], row["articles"], row["meetings"], row["quotes"]) for row in rows] == [
        ("peace", 1, 0, 1),
        ("trade", 1, 0, 0),
    ]
    assert [row["topic"] for row in _shown(output, "topics", person="anh", lake=lake)] == ["peace"]


def test_show_stops_at_the_limit_and_says_so(lake: Path, output: Output) -> None:
    show("meetings", limit=2, lake=lake, format="csv")
    out, err = output()
    assert len(out.splitlines()) == 3
    assert err == "2 rows; there are more: --limit 10\n"
    show("meetings", limit=5, lake=lake)
    assert output()[1] == "5 rows\n"
    with pytest.raises(StopFlow, match="--limit is 0"):
        show("meetings", limit=0, lake=lake)


def test_nothing_found_says_what_to_try(tmp_path: Path, lake: Path, output: Output) -> None:
    show("quotes", person="nobody", lake=lake)
    out, err = output()
    assert out == ""
    assert "part of a name" in err
    create_lake(tmp_path / "new")
    show("quotes", lake=tmp_path / "new")
    assert "parley ingest" in output()[1]


def test_verify_prints_what_it_read(lake: Path, output: Output) -> None:
    verify(lake=lake)
    assert output()[0] == "Read 2 articles, 5 meetings, 1 quote, 3 topics, 0 pages, 0 fetches, 1 reject: all well.\n"


def test_verify_fails_on_a_problem_and_names_its_file(lake: Path, output: Output) -> None:
    path = lake / "quotes" / "2026-03-09" / "b1.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SystemExit) as stop:
        verify(lake=lake)
    out, _ = output()
    assert stop.value.code == 1
    assert out.startswith("quotes/2026-03-09/b1.parquet: cannot be read")
    assert "problem" in out.splitlines()[-1]


def test_no_lake_stops_with_what_to_do(tmp_path: Path) -> None:
    for command in (lambda: sql("SELECT 1", lake=tmp_path / "none"), lambda: verify(lake=tmp_path / "none")):
        with pytest.raises(StopFlow, match="parley ingest"):
            command()


def test_a_reader_that_has_seen_enough_ends_it_quietly(lake: Path) -> None:
    program = "import sys; from pathlib import Path; from flows.cli.sql import sql; "
    program += "sql('FROM range(200000)', lake=Path(sys.argv[1]), format='csv')"
    command = [sys.executable, "-c", program, str(lake)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        assert reader.stdout.readline() == "range\n"
        reader.stdout.close()
        assert reader.stderr.read() == ""
    assert reader.returncode == 141


def test_asking_does_not_import_prefect() -> None:
    program = "import sys, flows.cli.show; sys.exit('prefect' in sys.modules or 'trafilatura' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [3, 30])
def test_a_table_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(sys, "stdout", _Terminal())
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    names = tuple(f"column{n}" for n in range(columns))
    assert print_rows(QueryResult(names, iter([("hòa bình " * 9,) * columns])), "table") == 1
    out = re.sub(r"\x1b\[\d*m", "", sys.stdout.getvalue())  # type: ignore[attr-defined]
    assert max(map(len, out.splitlines())) <= 60
    assert out.replace("\n", " ").count("hòa") == 9 * columns


def test_a_terminal_gets_the_first_thousand_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", _Terminal())
    assert print_rows(QueryResult(("n",), ((n,) for n in range(1_001))), "table") == 1_000
    assert "first 1,000 rows" in capsys.readouterr().err
