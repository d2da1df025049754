"""When, where, how long and on what occasion: what belongs to the event, and what to something else."""

from datetime import date

import pytest
from annotated import read_document

from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.meetings.arguments import read_duration
from tasks.meetings.event_mentions import find_mentions


def arguments(text):
    document = read_document(text, published=date(2024, 5, 2))
    return next(find_mentions(document, load_pack(SEEDS, "vi"))).arguments


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen hôm 20/4.", "2024-04-20"),
        ("Hôm 20/4, Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen.", "2024-04-20"),
        ("Tới Bern hôm 19/4, Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen hôm 20/4.", "2024-04-20"),
    ],
)
def test_the_nearest_date_of_the_clause_is_the_events(text, day):
    assert str(arguments(text).date.first) == day


@pytest.mark.parametrize(
    "text",
    [
        "Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen, lần đầu tiên kể từ ngày 20/4.",
        "Ngoại trưởng Áo Karl Gruber, người nhậm chức hôm 1/2, sẽ gặp Ngoại trưởng Na Uy Kari Nilsen.",
        "Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen và cho biết cầu mở cửa từ 20/4.",
    ],
)
def test_a_date_of_something_else_is_not_the_events(text):
    assert arguments(text).date is None


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen tại Geneva.", "Geneva"),
        ("Tại Geneva, Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen.", "Geneva"),
        ("Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen và nói rằng cầu tại Linz đã mở.", None),
    ],
)
def test_a_place_is_that_of_the_events_clause(text, city):
    place = arguments(text).place
    assert (place.city if place else None) == city


@pytest.mark.parametrize(
    ("text", "minutes", "qualifier"),
    [
        ("Cuộc gặp kéo dài 90 phút.", 90, "exact"),
        ("Cuộc gặp kéo dài gần 2 giờ.", 120, "approx"),
        ("Cuộc gặp kéo dài 1 giờ rưỡi.", 90, "exact"),
        ("Cuộc gặp kéo dài 1 giờ 15 phút.", 75, "exact"),
        ("Hai ông gặp nhau trong 10 phút.", 10, "exact"),
        ("Hai ông gặp nhau sau 10 phút chờ.", None, None),
        ("Chuyến tàu chạy trong 90 phút.", None, None),
    ],
)
def test_a_length_is_read_where_something_lasted(text, minutes, qualifier):
    document = read_document(text)
    assert read_duration(document.sentences[0].tokens, document) == (minutes, qualifier)


def test_a_sideline_names_its_occasion():
    text = "Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen bên lề Hội nghị An ninh Munich."
    found = arguments(text)
    assert found.sideline
    assert "An ninh Munich" in found.occasion
