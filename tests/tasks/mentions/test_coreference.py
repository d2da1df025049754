"""What a role, a pronoun, a group or a short name stands for at its place."""

from datetime import date

import pytest
from annotated import entity_of, read_document

INTRODUCED = "Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen."


@pytest.mark.parametrize(
    ("sentence", "words", "name"),
    [
        ("Gruber nói trời đẹp.", "Gruber nói", "Karl Gruber"),
        ("Ông nói trời đẹp.", "Ông", "Karl Gruber"),
        ("Bà Nilsen nói trời đẹp.", "Bà", "Kari Nilsen"),
        ("Ngoại trưởng Na Uy nói trời đẹp.", "Ngoại trưởng Na Uy nói", "Kari Nilsen"),
        ("Người đồng cấp Na Uy nói trời đẹp.", "Người đồng cấp", "Kari Nilsen"),
        ("Hai ngoại trưởng nói trời đẹp.", "Hai", "Karl Gruber; Kari Nilsen"),
        ("Hai nước ký văn kiện.", "Hai", None),
    ],
)
def test_words_find_whom_they_stand_for(sentence, words, name):
    entity = entity_of(read_document(f"{INTRODUCED} {sentence}"), words)
    assert entity is not None
    assert entity.name == name


@pytest.mark.parametrize("sentence", ["Weber nói trời đẹp.", "Nước này nói trời đẹp."])
def test_what_nobody_introduced_stands_for_nobody(sentence):
    assert entity_of(read_document(f"{INTRODUCED} {sentence}"), sentence.split(maxsplit=1)[0]) is None


def test_a_surname_of_two_means_neither():
    text = "Ông Karl Gruber gặp ông Franz Gruber. Gruber nói trời đẹp."
    assert entity_of(read_document(text), "Gruber nói") is None


def test_an_office_without_a_name_is_looked_up_on_the_day_of_publication():
    text = "Ngoại trưởng Mỹ nói trời đẹp."
    names = [entity_of(read_document(text, published=date(year, 5, 2)), "Ngoại trưởng").name for year in (2014, 2022)]
    assert names == ["John Kerry", "Antony Blinken"]


@pytest.mark.parametrize("text", ["Cựu Ngoại trưởng Mỹ nói trời đẹp.", "Đại sứ Mỹ nói trời đẹp."])
def test_past_and_shared_offices_are_not_looked_up(text):
    entity = entity_of(read_document(text, published=date(2022, 5, 2)), text.split(maxsplit=1)[0])
    assert (entity.kind, entity.name) == ("unnamed", None)


def test_two_deputies_of_one_country_stay_apart():
    text = "Bộ trưởng Nông nghiệp Áo Karl Gruber tới dự. Bộ trưởng Giáo dục Áo vắng mặt."
    assert entity_of(read_document(text), "Bộ trưởng Giáo dục").name is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Karl Gruber, a carpenter and the head of the choir, met reporters. “It rained,” Gruber said.", "Karl Gruber"),
        ("Karl Gruber came. “It rained,” said Gruber.", "Karl Gruber"),
        ("Karl Gruber and Franz Gruber came. “It rained,” Gruber said.", None),
        ("Karl Gruber came. The Gruber bridge is closed.", None),
    ],
)
def test_a_surname_that_speaks_has_the_full_name_told_without_a_title(text, name):
    document = read_document(text, language="en")
    nth = 2 if "Franz" in text else 1
    entity = entity_of(document, "Gruber", nth)
    assert (entity.name if entity else None) == name


def test_who_has_a_title_later_is_whom_the_full_name_meant():
    document = read_document("Lê Văn Bách mở quán ở Linz. Ông Bách nói trời đẹp.")
    entity = entity_of(document, "Ông Bách")
    assert (entity.name, entity.person_id) == ("Lê Văn Bách", "le-van-bach")


def test_a_full_name_of_the_tables_needs_no_title():
    document = read_document("Antony Blinken came to Linz.", language="en")
    assert entity_of(document, "Antony").person_id == "antony-blinken"


def test_another_name_of_two_words_is_nobody_without_a_sign():
    assert entity_of(read_document("Port Gruber is a harbour.", language="en"), "Port") is None
