"""What other sentences add to an event: its people, length, place and day."""

from datetime import date

import pytest
from annotated import read_document

from tasks.meetings import find_meetings

WHO = "Ngoại trưởng Áo Karl Gruber"
WHOM = "Ngoại trưởng Na Uy Kari Nilsen"


def meetings(*paragraphs):
    return find_meetings(read_document(*paragraphs, published=date(2024, 5, 20)))


def names(meeting):
    return sorted(participant.name or "" for participant in meeting.participants)


def test_a_sentence_without_names_adds_a_length():
    found = meetings(f"{WHO} gặp {WHOM}. Cuộc gặp kéo dài 90 phút.")
    assert [one.duration_minutes for one in found] == [90]


def test_a_length_of_a_call_goes_to_the_call():
    found = meetings(
        f"{WHO} gặp {WHOM}. {WHO} điện đàm với Ngoại trưởng Bỉ Luc Martens. Cuộc điện đàm kéo dài 20 phút."
    )
    assert {one.format: one.duration_minutes for one in found} == {"in_person": None, "phone": 20}


def test_a_length_of_something_else_is_not_added():
    assert meetings(f"{WHO} gặp {WHOM}. Chuyến tàu kéo dài 90 phút.")[0].duration_minutes is None


def test_members_take_the_place_of_their_delegation():
    text = (
        "Phái đoàn Áo và Bỉ đàm phán ở Bern. Phái đoàn Áo gồm có Ngoại trưởng Karl Gruber và Đặc phái viên Lena Huber."
    )
    assert names(meetings(text)[0]) == ["Bỉ", "Karl Gruber", "Lena Huber"]


def test_talks_during_a_visit_have_its_place_and_day():
    text = f"{WHO} thăm Na Uy hôm 12/5. {WHO} hội đàm với {WHOM}."
    talks = next(one for one in meetings(text) if one.format != "visit")
    assert (talks.country, talks.date_start) == ("NO", date(2024, 5, 12))


def test_of_a_visit_of_several_days_talks_have_the_month():
    text = f"{WHO} thăm Na Uy từ 12-14/5. {WHO} hội đàm với {WHOM}."
    talks = next(one for one in meetings(text) if one.format != "visit")
    assert (talks.date_start, talks.date_precision) == (date(2024, 5, 1), "month")


@pytest.mark.parametrize("guest", ["Ngoại trưởng Bỉ Luc Martens", "Ngoại trưởng Séc Petr Novák"])
def test_talks_with_somebody_of_another_country_are_not_part_of_the_visit(guest):
    text = f"{WHO} thăm Na Uy hôm 12/5. {WHO} điện đàm với {guest}."
    talks = next(one for one in meetings(text) if one.format != "visit")
    assert (talks.country, talks.date_start) == (None, None)
