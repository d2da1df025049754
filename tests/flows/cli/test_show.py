import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from docs.generate.samples import fill_lake
from flows.cli.filters import Filters
from flows.cli.show import show
from schemas.errors import StopFlow
from tasks.lake import create_lake

Output = Callable[[], tuple[str, str]]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A lake of the sample articles."""
    folder = tmp_path_factory.mktemp("show") / "lake"
    fill_lake(folder)
    return str(folder)


def _shown(output: Output, question: Any, lake: Any, **filters: Any) -> list[dict[str, Any]]:
    show(question, filters=Filters(**filters), lake=str(lake), limit=200, format="json")
    rows: list[dict[str, Any]] = json.loads(output()[0])
    return rows


def test_meetings_have_their_day_sentence_link_and_id(small_lake: Path, output: Output) -> None:
    rows = _shown(output, "meetings", small_lake)
    assert [row["date"] for row in rows] == ["2026-03-05", "2026-03-05/2026-03-07", "2025-02", "2024", None]
    assert rows[0] == {
        "date": "2026-03-05",
        "status": "held",
        "format": None,
        "who": "Đỗ Thị Ánh, José Pérez",
        "where": "Hue, VN",
        "minutes": "270",
        "occasion": None,
        "topics": [{"topic_id": "peace", "label": "Peace", "label_vi": None}],
        "topics_from": "article",
        "sentence": "Mở đầu.",
        "reported": "2026-03-05",
        "published_at": "2026-03-04T17:00:00+00:00",
        "outlet": "Báo [Mẫu]",
        "title": None,
        "url": None,
        "meeting_id": "m-a1",
        "article_id": "a1",
    }
    assert rows[-1]["minutes"] == "<9"


def test_text_of_meetings_names_sentence_link_day_and_id(
    samples: str, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    show("meetings", filters=Filters(city="Budapest"), lake=samples)
    out, err = output()
    assert out.splitlines() == [
        "Donald Trump, Vladimir Putin",
        "  no date (reported 2025-10-23) · cancelled · in person · Budapest, HU",
        "  about US–Russia summit, US–Russia relations",
        "    Tổng thống Mỹ Donald Trump ngày 22/10 cho biết ông đã hủy cuộc gặp dự kiến với Tổng thống Nga",
        "    Vladimir Putin tại Budapest, Hungary.",
        f"    Báo Mẫu F · id {_shown(output, 'meetings', samples, city='Budapest')[0]['meeting_id']}",
        "    https://www.example.com/bao-mau-f/the-gioi/ong-trump-huy-cuoc-gap-o-budapest-20251023.htm",
        "",
    ]
    assert err == "1 row\n"


def test_an_undated_meeting_stands_where_it_was_reported(samples: str, output: Output) -> None:
    rows = _shown(output, "meetings", samples)
    days = [(row["date"] or row["reported"])[:4] for row in rows]
    assert days == sorted(days, reverse=True)
    assert None in [row["date"] for row in rows[:10]]
    reported = _shown(output, "meetings", samples, status="cancelled", since=date(2025, 10, 23))
    assert [row["reported"] for row in reported] == ["2025-10-23"]
    assert _shown(output, "meetings", samples, status="cancelled", since=date(2025, 10, 24)) == []


@pytest.mark.parametrize("person", ["do thi", "ĐỖ THỊ ÁNH", "perez", "PE\u0301REZ", "José", "per jo"])
def test_a_person_is_found_whatever_the_case_and_accents(small_lake: Path, output: Output, person: str) -> None:
    (row,) = _shown(output, "meetings", small_lake, person=person)
    assert row["who"] == "Đỗ Thị Ánh, José Pérez"


@pytest.mark.parametrize("person", ["%", "_", "' OR true --", "Ánh, José", "erez"])
def test_a_person_is_words_not_a_pattern(small_lake: Path, output: Output, person: str) -> None:
    assert _shown(output, "meetings", small_lake, person=person) == []


def test_a_person_is_found_under_another_name(samples: str, output: Output) -> None:
    rows = _shown(output, "meetings", samples, person="xi jinping")
    assert len(rows) > 5
    assert all("Tập Cận Bình" in row["who"] or "Xi Jinping" in row["who"] for row in rows)
    assert {row["meeting_id"] for row in _shown(output, "meetings", samples, person="tap can binh")} == {
        row["meeting_id"] for row in rows
    }


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
    small_lake: Path, output: Output, since: date | None, until: date | None, dates: list[str]
) -> None:
    assert [row["date"] for row in _shown(output, "meetings", small_lake, since=since, until=until)] == dates


def test_quotes_have_the_sentence_around_and_their_topics(small_lake: Path, output: Output) -> None:
    assert _shown(output, "quotes", small_lake, person="anh") == [
        {
            "words": "Vì hòa bình!",
            "who": "Đỗ Thị Ánh",
            "role": None,
            "kind": "direct",
            "published": "2026-03-05",
            "outlet": "Báo [Mẫu]",
            "place": None,
            "topics": [{"topic_id": "peace", "label": "Peace", "label_vi": None}],
            "topics_from": "quote",
            "sentence": '"Vì hòa bình!", bà Đỗ Thị Ánh nói.',
            "title": None,
            "url": None,
            "published_at": "2026-03-04T17:00:00+00:00",
            "is_translation": None,
            "quote_id": "q-a1",
            "article_id": "a1",
        }
    ]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        # 17:00 UTC on the 4th is midnight of the 5th in Hanoi.
        (date(2026, 3, 5), date(2026, 3, 5), 1),
        (date(2026, 3, 4), date(2026, 3, 4), 0),
        (date(2026, 3, 6), None, 0),
        (None, date(2026, 3, 2), 0),
    ],
)
@pytest.mark.parametrize("question", ["quotes", "ledger"])
def test_quotes_are_chosen_by_the_day_of_their_outlet(
    small_lake: Path, output: Output, question: str, since: date | None, until: date | None, found: int
) -> None:
    assert len(_shown(output, question, small_lake, since=since, until=until)) == found


def test_times_are_told_in_a_zone(small_lake: Path, output: Output) -> None:
    show("quotes", lake=str(small_lake), timezone="Asia/Ho_Chi_Minh", format="jsonl")
    assert json.loads(output()[0])["published_at"] == "2026-03-05T00:00:00+07:00"


def test_a_topic_of_the_article_alone_is_weaker(samples: str, output: Output) -> None:
    rows = _shown(output, "quotes", samples, topic="us-russia-summit")
    assert {row["topics_from"] for row in rows} == {"quote", "article"}
    assert all(len(row["topics"]) == 1 for row in rows if row["topics_from"] == "article")
    show("quotes", filters=Filters(person="Ushakov"), lake=samples)
    assert "  perhaps about US–Russia summit, the main topic of the article" in output()[0].splitlines()
    ledger = _shown(output, "ledger", samples, topic="us-russia-summit")
    assert {row["topic_from"] for row in ledger} == {"quote", "article"}


@pytest.mark.parametrize(
    ("question", "filters", "column", "values"),
    [
        ("meetings", {"words": ("thu tuc",)}, "sentence", set()),
        ("meetings", {"words": ("dien dam",)}, "format", {"phone"}),
        ("meetings", {"outlet": "bao mau f"}, "outlet", {"Báo Mẫu F"}),
        ("meetings", {"city": "Ha Noi", "person": "to lam"}, "where", {"Hanoi, VN"}),
        ("meetings", {"city": "Bắc Kinh", "status": "planned"}, "where", {"Beijing, CN"}),
        ("meetings", {"status": "cancelled"}, "status", {"cancelled"}),
        ("meetings", {"kind": "phone"}, "format", {"phone"}),
        ("meetings", {"topic": "thuong dinh my nga", "city": "Budapest"}, "status", {"cancelled"}),
        ("quotes", {"words": ("khong sat thuong",)}, "who", {"Kishida Fumio"}),
        ("quotes", {"kind": "direct", "person": "putin"}, "kind", {"direct"}),
        ("quotes", {"topic": "Thuế quan", "outlet": "Sample Wire"}, "outlet", {"Sample Wire"}),
        ("ledger", {"topic": "cyber-attacks"}, "topic", {"cyber-attacks"}),
        ("topics", {"topic": "taiwan"}, "topic", {"taiwan"}),
    ],
)
def test_rows_are_chosen(
    samples: str, output: Output, question: str, filters: dict[str, Any], column: str, values: set[str]
) -> None:
    assert {row[column] for row in _shown(output, question, samples, **filters)} == values


def test_a_country_is_a_code_or_a_name_of_place_or_people(samples: str, output: Output) -> None:
    found = [_shown(output, "meetings", samples, country=country) for country in ("UA", "Ukraine", "ukraina")]
    assert found[0] == found[1] == found[2]
    assert any("Zelensky" in row["who"] and "UA" not in (row["where"] or "") for row in found[0])
    assert len(found[0]) < len(_shown(output, "meetings", samples))


def test_words_begin_where_words_begin(samples: str, output: Output) -> None:
    assert _shown(output, "quotes", samples, words=("outgoing",)) == []
    both = _shown(output, "quotes", samples, words=("geneva", "tariffs"))
    assert both
    assert all("Geneva" in row["sentence"] and "tariffs" in row["sentence"] for row in both)


def test_topics_are_counted(small_lake: Path, output: Output) -> None:
    rows = _shown(output, "topics", small_lake)
    assert [(row["topic"], row["articles"], row["meetings"], row["quotes"], row["newest"]) for row in rows] == [
        ("peace", 1, 0, 1, "2026-03-05"),
        ("trade", 1, 0, 0, None),
    ]
    assert [row["topic"] for row in _shown(output, "topics", small_lake, person="anh")] == ["peace"]


def test_the_hint_at_the_limit_is_a_command_that_asks_the_same(samples: str, output: Output) -> None:
    filters = Filters(person="Joe Biden", words=("ông",), since=date(2021, 1, 1))
    show("quotes", filters=filters, limit=1, lake=samples, format="csv")
    out, err = output()
    assert len(list(csv.reader(io.StringIO(out, newline="")))) == 2
    assert err == (
        "1 row; there are more: parley show quotes --person 'Joe Biden' --with 'ông' --since 2021-01-01 "
        f"--lake {samples} --limit 5\n"
    )


def test_without_more_rows_there_is_no_hint(small_lake: Path, output: Output) -> None:
    show("meetings", limit=5, lake=str(small_lake))
    assert output()[1] == "5 rows\n"
    with pytest.raises(StopFlow, match="--limit is 0"):
        show("meetings", limit=0, lake=str(small_lake))


@pytest.mark.parametrize(
    ("question", "filters", "words"),
    [
        ("quotes", {"person": "lavrow"}, "No person here is called 'lavrow'.\nDid you mean Sergei Lavrov?\n"),
        ("quotes", {"person": "lavrov"}, "parley show meetings --person lavrov --lake "),
        ("quotes", {"person": "Macron", "kind": "direct"}, "Emmanuel Macron: known, but not in the quotes here."),
        ("quotes", {"outlet": "Bao Mau Z"}, "Did you mean Báo Mẫu"),
        ("meetings", {"city": "Genava"}, "Did you mean Geneva?"),
        ("meetings", {"city": "qqqq"}, "There are: Anchorage"),
        ("meetings", {"country": "Ukrane"}, "Did you mean Ukraine?"),
        ("ledger", {"topic": "tarifs"}, "Did you mean tariffs?"),
        ("meetings", {"until": date(1990, 1, 1)}, "No meetings match."),
    ],
)
def test_what_matches_nothing_gets_a_suggestion(
    samples: str, output: Output, question: Any, filters: dict[str, Any], words: str
) -> None:
    show(question, filters=Filters(**filters), lake=samples)
    out, err = output()
    assert (out, words in err) == ("", True), err


@pytest.mark.parametrize(
    ("question", "filters", "words"),
    [
        ("quotes", {"status": "held"}, "--status cannot be asked of quotes"),
        ("topics", {"words": ("a",)}, "--with cannot be asked of topics"),
        ("quotes", {"kind": "phone"}, "quotes have direct, mixed, indirect"),
        ("meetings", {"kind": "direct"}, "meetings have in_person"),
        ("meetings", {"words": ("…",)}, "--with is '…'; give words"),
        ("meetings", {"since": date(2024, 1, 2), "until": date(2024, 1, 1)}, "exchange them"),
    ],
)
def test_what_cannot_be_asked_is_refused(small_lake: Path, question: Any, filters: dict[str, Any], words: str) -> None:
    with pytest.raises(StopFlow) as stop:
        show(question, filters=Filters(**filters), lake=str(small_lake))
    assert words in str(stop.value)


def test_an_empty_lake_says_how_to_fill_it(tmp_path: Path, output: Output) -> None:
    create_lake(tmp_path / "new")
    show("quotes", lake=str(tmp_path / "new"))
    assert f"parley ingest PATH… --lake {tmp_path / 'new'}" in output()[1]


def test_brief_rows_are_lines(samples: str, output: Output) -> None:
    show("meetings", filters=Filters(person="putin"), brief=True, limit=2, lake=samples)
    head, _, *rows = output()[0].splitlines()
    assert head.split() == ["date", "reported", "status", "who", "where"]
    assert len(rows) == 2


def test_vietnamese_speaks_vietnamese_to_people_only(samples: str, output: Output) -> None:
    show("meetings", filters=Filters(city="Budapest"), lang="vi", lake=samples)
    out, err = output()
    assert "  không rõ ngày (đưa tin 2025-10-23) · bị hủy · gặp trực tiếp · Budapest, HU\n" in out
    assert "  về Thượng đỉnh Mỹ – Nga, Quan hệ Mỹ – Nga\n" in out
    assert err == "1 dòng\n"
    show("topics", lang="vi", limit=1, lake=samples)
    out, err = output()
    assert out.splitlines()[0].split() == ["chủ", "đề", "tên", "chủ", "đề", "số", "bài", "cuộc", "gặp", "phát", "ngôn",
                                           "mới", "nhất"]  # fmt: skip
    assert "Quan hệ Mỹ – Trung" in out
    show("quotes", filters=Filters(person="lavrow"), lang="vi", lake=samples)
    assert output()[1].startswith("Không có người nào ở đây tên là 'lavrow'.")
    show("meetings", filters=Filters(city="Budapest"), lang="vi", lake=samples, format="jsonl")
    assert json.loads(output()[0])["status"] == "cancelled"


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("question", ["meetings", "quotes", "ledger"])
def test_lines_fit_and_no_date_is_split(
    samples: str, output: Output, monkeypatch: pytest.MonkeyPatch, question: Any, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    show(question, limit=200, lake=samples)
    out, _ = output()
    lines = [line for line in out.splitlines() if "https://" not in line]
    assert max(map(len, lines)) <= int(columns)
    assert not any(line.rstrip().endswith("-") and line.rstrip()[-2:-1].isdigit() for line in lines)


def test_asking_does_not_import_prefect() -> None:
    program = "import sys, flows.cli.show; sys.exit('prefect' in sys.modules or 'trafilatura' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
