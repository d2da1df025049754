"""Whom a spelling means: the table of aliases, and what somebody types to find a person."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.mentions.people import load_people, match_people, name_matches

PRESENT = [
    ("sergei-lavrov", "Sergei Lavrov"),
    ("tap-can-binh", "Tập Cận Bình"),
    ("to-lam", "Tô Lâm"),
    ("tomas-lambert", "Tomas Lambert"),
    ("volodymyr-zelensky", "Zelensky"),
    ("đan-huber", "Đan Huber"),
]


@pytest.mark.parametrize(
    ("typed", "person_ids"),
    [
        ("Xi Jinping", ("tap-can-binh",)),
        ("xi", ("tap-can-binh",)),
        ("Zelenskiy", ("volodymyr-zelensky",)),
        ("volodymyr", ("volodymyr-zelensky",)),
        ("lavr", ("sergei-lavrov",)),
        ("lavrov, sergey", ("sergei-lavrov",)),
        ("to lam", ("to-lam",)),
        ("Tô Lâm", ("to-lam",)),
        ("tom lam", ("tomas-lambert",)),
        ("to la", ("to-lam", "tomas-lambert")),
        ("sergei-lavrov", ("sergei-lavrov",)),
        ("dan", ("đan-huber",)),
        ("ĐAN HUBER", ("đan-huber",)),
    ],
)
def test_a_typed_name_finds_people(typed, person_ids):
    assert match_people(typed, PRESENT, load_people(SEEDS)).person_ids == person_ids


@pytest.mark.parametrize("typed", ["", "  ", "-", "%", "avrov", "lavrov lavrov", "sergei karl", "習近平"])
def test_what_is_no_part_of_a_name_finds_nobody(typed):
    assert match_people(typed, PRESENT, load_people(SEEDS)).person_ids == ()


def test_a_known_person_without_rows_is_named():
    match = match_people("Blinken", PRESENT, load_people(SEEDS))
    assert match.person_ids == ()
    assert match.absent == ("Antony Blinken",)


@pytest.mark.parametrize(
    ("typed", "first"), [("Lavrof", "Sergei Lavrov"), ("Sergej Lavrof", "Sergei Lavrov"), ("zelesnky", "Zelensky")]
)
def test_near_spellings_are_suggested_when_nobody_matches(typed, first):
    match = match_people(typed, PRESENT, load_people(SEEDS))
    assert (match.person_ids, match.suggestions[0]) == ((), first)


def test_nothing_is_suggested_for_a_name_that_is_near_to_none():
    assert match_people("Quimby", PRESENT, load_people(SEEDS)).suggestions == ()


def test_nothing_is_suggested_beside_a_match():
    assert match_people("Lavrov", PRESENT, load_people(SEEDS)).suggestions == ()


@pytest.mark.parametrize(
    ("typed", "name", "matches"),
    [
        ("bo ngoai", "Bộ Ngoại giao Áo", True),
        ("giao bộ", "Bộ Ngoại giao Áo", True),
        ("ngoai ngoai", "Bộ Ngoại giao Áo", False),
        ("oại", "Bộ Ngoại giao Áo", False),
        ("", "Bộ Ngoại giao Áo", False),
    ],
)
def test_words_of_a_name_are_matched_from_their_start(typed, name, matches):
    assert name_matches(typed, name) is matches


def test_all_spellings_of_a_person_have_one_identifier():
    table = load_people(SEEDS)
    assert table.find_id("Xi Jinping") == table.find_id("Tập Cận Bình") == "tap-can-binh"
    assert table.find_id("Volodymyr Zelenskyy") == table.find_id("Volodymyr Zelensky") == "volodymyr-zelensky"
    assert table.find_id("Xie Feng") == "ta-phong"
    assert table.find_id("Karl Gruber") is None


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    shutil.copy(SEEDS / "offices.csv", tmp_path / "offices.csv")
    shutil.copytree(SEEDS / "people", tmp_path / "people")
    return tmp_path


def _add_line(seeds: Path, line: str) -> None:
    with (seeds / "people" / "aliases.csv").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def test_a_line_added_by_a_user_is_read(seeds):
    _add_line(seeds, "Karl Gruber,Charles Gruber,my notes,")
    table = load_people(seeds)
    assert table.find_id("Charles Gruber") == table.find_id("Karl Gruber") == "karl-gruber"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Karl Gruber,Xi Jinping,my notes,", "already a name of 'Tập Cận Bình'"),
        ("Xi Jinping,Xi Jin-ping,my notes,", "write 'Tập Cận Bình' in column person"),
        ("Karl Gruber,Gruber,my notes,", "'Gruber' alone can be many people"),
        ("Karl Gruber,Nguyễn,my notes,", "'Nguyễn' alone can be many people"),
        ("Karl Gruber,Charles  Gruber,my notes,", "is no name"),
        ("Karl Gruber,,my notes,", "is no name"),
        ("Karl Gruber,Charles Gruber,,", "column source is empty"),
        ("Karl Gruber,Charles Gruber", "write 4 cells"),
        ("Karl Gruber,Charles Gruber,my notes,,more", "write 4 cells"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(seeds, line, told):
    _add_line(seeds, line)
    last = len((seeds / "people" / "aliases.csv").read_text("utf-8").splitlines())
    with pytest.raises(StopFlow, match=rf"aliases\.csv:{last}: .*{told}"):
        load_people(seeds)


def test_a_table_with_other_columns_is_refused(seeds):
    (seeds / "people" / "aliases.csv").write_text("person;alias\n", encoding="utf-8")
    with pytest.raises(StopFlow, match="the first line must be person,alias,source,note"):
        load_people(seeds)


def test_a_missing_table_is_told(seeds):
    (seeds / "people" / "aliases.csv").unlink()
    with pytest.raises(StopFlow, match="restore the file"):
        load_people(seeds)


def test_looking_somebody_up_loads_no_language_pack():
    code = "import sys, tasks.mentions.people; print([m for m in sys.modules if m.startswith('tasks.language')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
