"""The entities of one article: when two names are one person, and what is learned of each."""

from datetime import date

import pytest
from annotated import read_tokens

from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.mentions.features import REFERRING, read_features
from tasks.mentions.offices import load_offices
from tasks.mentions.people import load_people
from tasks.mentions.registry import EntityRegistry

PACK = load_pack(SEEDS, "vi")


def read(words):
    text = f"{words} tới dự."
    token = next(token for token in read_tokens(text) if token.kind in REFERRING)
    return read_features(token, text, PACK)


@pytest.fixture
def registry():
    return EntityRegistry(PACK, load_offices(SEEDS), load_people(SEEDS), date(2024, 5, 2))


def test_the_fullest_name_becomes_the_entity(registry):
    registry.learn_names([read("Ông Gruber"), read("Ngoại trưởng Áo Karl Gruber")], [])
    assert [(one.name, one.role) for one in registry.entities] == [("Karl Gruber", "Ngoại trưởng Áo")]


def test_a_caption_tells_the_full_name(registry):
    registry.learn_names([read("Ông Gruber")], [read("Ngoại trưởng Áo Karl Gruber")])
    assert [one.name for one in registry.entities] == ["Karl Gruber"]


def test_people_of_other_names_stay_apart(registry):
    registry.learn_names([read("Ông Karl Gruber"), read("Ông Franz Gruber")], [])
    assert {one.name for one in registry.entities} == {"Karl Gruber", "Franz Gruber"}
    assert len(registry.people_named(read("Ông Gruber"))) == 2


@pytest.mark.parametrize(("short", "known"), [("Ông Bách", True), ("Ông Nguyễn", True), ("Ông Văn", False)])
def test_a_vietnamese_goes_by_first_or_last_syllable(registry, short, known):
    registry.learn_names([read("Ông Nguyễn Văn Bách")], [])
    assert bool(registry.people_named(read(short))) is known


def test_an_official_with_a_native_name_serves_the_home_country(registry):
    registry.learn_names([read("Bộ trưởng Nguyễn Văn Bách"), read("Bộ trưởng Karl Gruber")], [])
    assert {one.name: one.country for one in registry.entities} == {"Nguyễn Văn Bách": "VN", "Karl Gruber": None}


def test_one_role_of_one_country_is_one_nameless_person(registry):
    first, again, other = (registry.add_nameless(read(f"Thứ trưởng {name}")) for name in ("Áo", "Áo", "Bỉ"))
    assert first is again
    assert other is not first


def test_mentions_count_and_the_latest_comes_first(registry):
    registry.learn_names([read("Ông Karl Gruber"), read("Bà Kari Nilsen")], [])
    gruber, nilsen = sorted(registry.records, key=lambda record: record.entity.name != "Karl Gruber")
    assert registry.seen_people() == []
    registry.note_mention(gruber, read("Ông Karl Gruber"))
    registry.note_mention(nilsen, read("Bà Kari Nilsen")._replace(start=90))
    assert registry.seen_people() == [nilsen, gruber]


def test_a_group_without_members_has_no_name(registry):
    assert registry.add_group([], read("Hai bên")).entity.name is None


@pytest.mark.parametrize(
    ("mention", "person_id"),
    [
        ("Ông Karl Gruber", "karl-gruber"),
        ("Ông Sergey Lavrov", "sergei-lavrov"),
        ("Ngoại trưởng Nga Lavrov", "sergei-lavrov"),
        ("Ngoại trưởng Lavrov", "sergei-lavrov"),
        ("Ngoại trưởng Áo Lavrov", None),
        ("Ca sĩ Lavrov", None),
        ("Ông Lavrov", None),
        ("Ông Chính", None),
        ("Bộ trưởng Gruber", None),
        ("Chủ tịch UAW Karl Gruber", None),
    ],
)
def test_only_full_names_and_people_of_the_tables_have_an_identifier(registry, mention, person_id):
    registry.learn_names([read(mention)], [])
    assert [one.person_id for one in registry.entities] == [person_id]


def test_a_caption_that_tells_the_full_name_gives_the_identifier(registry):
    registry.learn_names([read("Ông Gruber")], [read("Ngoại trưởng Áo Karl Gruber")])
    assert registry.entities[0].person_id == "karl-gruber"


def test_an_office_told_later_gives_the_identifier(registry):
    registry.learn_names([read("Ông Lavrov"), read("Ngoại trưởng Nga Lavrov")], [])
    assert [one.person_id for one in registry.entities] == ["sergei-lavrov"]
