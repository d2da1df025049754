"""What a careful person would ask of the table of offices."""

import csv
import re
import unicodedata
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.mentions.offices import load_offices

Row = dict[str, str]
Key = tuple[str, str]

BODIES = {"ASEAN", "EU", "NATO", "UN"}
OFFICES = {
    "consultative-conference-chair", "council-president", "crown-prince", "defence-minister", "foreign-minister",
    "governor-general", "head-of-government", "head-of-state", "high-representative", "leader",
    "national-security-adviser", "parliament-speaker", "party-leader", "president-of-commission",
    "secretary-general", "secretary-of-state", "security-council-secretary", "standing-secretariat-member",
    "state-counsellor", "supreme-leader", "upper-house-speaker", "vice-president",
}  # fmt: skip
LONGEST_GAP = timedelta(days=31)
KNOWN_GAPS = {
    ("BR", "defence-minister", "2015-01-01"),  # days of the next two ministers not certain
    ("BR", "defence-minister", "2021-03-29"),
    ("BR", "foreign-minister", "2021-03-29"),
    ("CN", "defence-minister", "2023-10-24"),  # vacant until Đổng Quân
    ("FR", "defence-minister", "2025-09-09"),  # between two governments
    ("MX", "foreign-minister", "2023-06-12"),  # day of the successor not certain
    ("MY", "foreign-minister", "2018-05-09"),  # government formed in steps
    ("PH", "foreign-minister", "2016-03-07"),  # day of the acting secretary not certain
    ("SY", "head-of-state", "2024-12-08"),  # fall of the government
    ("TH", "defence-minister", "2025-06-30"),  # run by a deputy
    ("TH", "head-of-government", "2014-05-22"),  # rule by a junta
}
WITHOUT_HOLDER = {
    ("HU", "foreign-minister"),  # successor not checked
    ("MM", "state-counsellor"),  # abolished in 2021
    ("PS", "foreign-minister"),  # successor not checked
    ("TR", "head-of-government"),  # abolished in 2018
}
KNOWN_AT_LEAST = {"head-of-state": 45, "head-of-government": 39, "foreign-minister": 38, "defence-minister": 28}
TRADITIONS = {"VN": "vi", "CN": "zh", "TW": "zh", "KR": "ko", "KP": "ko"}


def read(name: str) -> list[Row]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


ROWS = read("offices.csv")


def split(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def by_office() -> dict[Key, list[Row]]:
    held: dict[Key, list[Row]] = defaultdict(list)
    for row in sorted(ROWS, key=lambda row: row["from"]):
        held[row["country"], row["office"]].append(row)
    return held


def holder(country: str, office: str, day: str) -> str | None:
    rows = by_office()[country, office]
    return next((r["person"] for r in rows if r["from"] <= day and (not r["to"] or day < r["to"])), None)


def test_every_row_is_complete() -> None:
    for row in ROWS:
        assert None not in row, row
        assert None not in row.values(), row
        assert all(row[column] for column in ("office", "country", "person", "from", "source")), row
        assert row["gender"] in {"m", "f"}, row
        assert row["acting"] in {"true", "false"}, row


def test_terms_end_after_they_start_and_none_lies_ahead() -> None:
    today = datetime.now(tz=UTC).date()
    for row in ROWS:
        start = date.fromisoformat(row["from"])
        assert start <= today, row
        assert not row["to"] or start < date.fromisoformat(row["to"]) <= today, row


def test_an_open_row_says_how_far_it_was_checked() -> None:
    for row in ROWS:
        assert bool(row["checked_to"]) != bool(row["to"]), row
        assert re.fullmatch(r"(20\d\d-(0[1-9]|1[0-2]))?", row["checked_to"]), row
        assert not row["checked_to"] or row["from"][:7] <= row["checked_to"], row


def test_rows_reach_into_the_years_covered() -> None:
    assert not [row for row in ROWS if row["to"] and row["to"] <= "2014-01-01"]


def test_offices_and_countries_are_known() -> None:
    countries = {row["code"] for row in read("places/countries.csv")}
    assert {row["office"] for row in ROWS} == OFFICES
    assert {row["country"] for row in ROWS} <= countries | BODIES
    assert {row["country"] for row in ROWS} >= BODIES


def test_text_is_composed() -> None:
    text = (SEEDS / "offices.csv").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search(r"[\u00a0\u200b-\u200d\ufeff\r]|  ", text)


def test_nobody_holds_an_office_together_with_another() -> None:
    for key, rows in by_office().items():
        for before, after in pairwise(rows):
            assert before["to"], (key, before["person"], "is open but has a successor")
            assert before["to"] <= after["from"], (key, before["person"], after["person"])


def test_long_gaps_are_the_known_ones() -> None:
    gaps = {
        (*key, before["to"])
        for key, rows in by_office().items()
        for before, after in pairwise(rows)
        if date.fromisoformat(after["from"]) - date.fromisoformat(before["to"]) > LONGEST_GAP
    }
    assert gaps == KNOWN_GAPS


def test_offices_without_a_holder_today_are_the_known_ones() -> None:
    assert {key for key, rows in by_office().items() if rows[-1]["to"]} == WITHOUT_HOLDER


def test_nobody_follows_themselves_without_a_change() -> None:
    for key, rows in by_office().items():
        for before, after in pairwise(rows):
            same = before["person"] == after["person"] and before["to"] == after["from"]
            assert not same or before["acting"] != after["acting"], (key, before["person"])


def test_a_person_has_one_gender_and_one_set_of_aliases() -> None:
    known: dict[str, tuple[str, str]] = {}
    for row in ROWS:
        assert known.setdefault(row["person"], (row["gender"], row["aliases"])) == (row["gender"], row["aliases"])


def test_a_name_belongs_to_one_person() -> None:
    owner: dict[str, str] = {}
    for row in ROWS:
        names = [row["person"], *split(row["aliases"])]
        assert len(names) == len(set(names)), row["person"]
        assert all(owner.setdefault(name, row["person"]) == row["person"] for name in names), names


def test_heads_of_state_and_ministers_are_broadly_covered() -> None:
    for office, least in KNOWN_AT_LEAST.items():
        assert len({row["country"] for row in ROWS if row["office"] == office}) >= least, office


def test_family_names_are_composed_single_syllables_listed_once() -> None:
    names = [(row["name"], row["tradition"]) for row in read("people/family_names.csv")]
    assert len(names) == len(set(names))
    assert {tradition for _, tradition in names} == set(TRADITIONS.values())
    assert all(re.fullmatch(r"[^\W\d_]{2,}", name) and name.istitle() for name, _ in names)
    assert all(unicodedata.is_normalized("NFC", name) for name, _ in names)


def test_families_of_the_persons_here_are_listed() -> None:
    listed = {(row["name"], row["tradition"]) for row in read("people/family_names.csv")}
    asked = {(row["person"].split()[0], TRADITIONS[row["country"]]) for row in ROWS if row["country"] in TRADITIONS}
    assert asked - listed == set()


@pytest.mark.parametrize(
    ("country", "office", "day", "person"),
    [
        ("US", "foreign-minister", "2016-12-31", "John Kerry"),
        ("US", "foreign-minister", "2023-03-02", "Antony Blinken"),
        ("US", "foreign-minister", "2025-02-18", "Marco Rubio"),
        ("US", "head-of-state", "2021-01-19", "Donald Trump"),
        ("US", "head-of-state", "2021-01-20", "Joe Biden"),
        ("RU", "foreign-minister", "2014-01-01", "Sergei Lavrov"),
        ("VN", "head-of-state", "2024-08-20", "Tô Lâm"),
        ("VN", "head-of-state", "2024-11-10", "Lương Cường"),
        ("VN", "party-leader", "2024-07-25", None),
        ("VN", "head-of-government", "2016-04-07", "Nguyễn Xuân Phúc"),
        ("VN", "foreign-minister", "2025-09-15", "Lê Hoài Trung"),
        ("CN", "foreign-minister", "2023-06-19", "Tần Cương"),
        ("CN", "foreign-minister", "2023-07-25", "Vương Nghị"),
        ("CN", "defence-minister", "2023-11-30", None),
        ("KR", "head-of-state", "2025-04-03", "Yoon Suk-yeol"),
        ("JP", "head-of-government", "2020-09-15", "Shinzo Abe"),
        ("UA", "head-of-state", "2022-02-24", "Volodymyr Zelensky"),
        ("GB", "head-of-government", "2022-10-01", "Liz Truss"),
        ("DE", "head-of-government", "2021-12-07", "Angela Merkel"),
        ("NATO", "secretary-general", "2024-10-01", "Mark Rutte"),
        ("UN", "secretary-general", "2016-11-01", "Ban Ki-moon"),
        ("EU", "high-representative", "2022-05-09", "Josep Borrell"),
        ("ASEAN", "secretary-general", "2015-06-01", "Lê Lương Minh"),
        ("CL", "head-of-state", "2013-06-01", "Sebastian Pinera"),
        ("CL", "head-of-state", "2009-06-01", None),
    ],
)
def test_holders_that_everybody_remembers(country: str, office: str, day: str, person: str | None) -> None:
    assert holder(country, office, day) == person


@pytest.mark.parametrize("text", [None, "office,country\nhead-of-state,VN\n"])
def test_a_table_that_cannot_be_read_stops_the_run_with_its_name(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "offices.csv").write_text(text, encoding="utf-8")
    with pytest.raises(StopFlow, match=r"offices\.csv"):
        load_offices(tmp_path)
