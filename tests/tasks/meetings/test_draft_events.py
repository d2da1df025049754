"""When two mentions tell of one event, and what the event keeps of each."""

from datetime import date

import pytest
from annotated import read_document

from schemas.document import DateMention
from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.meetings.draft_events import have_compatible_dates, join_mention
from tasks.meetings.event_mentions import find_mentions

WHO = "Ngoại trưởng Áo Karl Gruber"
WHOM = "Ngoại trưởng Na Uy Kari Nilsen"


def joined(text):
    document = read_document(text, published=date(2024, 5, 20))
    events = []
    for mention in find_mentions(document, load_pack(SEEDS, "vi")):
        join_mention(mention, events, document)
    return events


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"{WHO} gặp {WHOM} hôm 2/5.", f"{WHO} gặp {WHOM} tại Bern."),
        (f"{WHO} gặp {WHOM} hồi tháng 5.", f"{WHO} gặp {WHOM} hôm 2/5."),
        (f"{WHO} sẽ gặp {WHOM}.", f"{WHO} hủy cuộc gặp với {WHOM}."),
    ],
)
def test_mentions_that_agree_are_one_event(first, second):
    assert len(joined(f"{first} {second}")) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"{WHO} gặp {WHOM} hôm 2/5.", f"{WHO} gặp {WHOM} hôm 3/5."),
        (f"{WHO} gặp {WHOM} tại Bern.", f"{WHO} gặp {WHOM} tại Oslo."),
        (f"{WHO} gặp {WHOM}.", f"{WHO} điện đàm với {WHOM}."),
        (f"{WHO} đã gặp {WHOM}.", f"{WHO} sẽ gặp {WHOM}."),
        (f"{WHO} gặp {WHOM}.", f"{WHO} gặp Ngoại trưởng Bỉ Luc Martens."),
    ],
)
def test_mentions_that_disagree_are_two(first, second):
    assert len(joined(f"{first} {second}")) == 2


def test_an_event_keeps_the_more_precise_date_and_place():
    event = joined(f"{WHO} gặp {WHOM} tại Thụy Sĩ hồi tháng 5. {WHO} gặp {WHOM} tại Bern hôm 2/5.")[0]
    assert (str(event.arguments.date.first), event.arguments.date.precision) == ("2024-05-02", "day")
    assert event.arguments.place.city == "Bern"
    assert event.weight == 2


def test_a_plan_that_is_cancelled_later_is_cancelled():
    assert joined(f"{WHO} sẽ gặp {WHOM}. {WHO} hủy cuộc gặp với {WHOM}.")[0].status == "cancelled"


def test_dates_fit_if_they_can_mean_one_day():
    day = DateMention(0, 1, date(2024, 5, 2), date(2024, 5, 2), "day")
    month = DateMention(0, 1, date(2024, 5, 1), date(2024, 5, 31), "month")
    other = DateMention(0, 1, date(2024, 6, 2), date(2024, 6, 2), "day")
    unknown = DateMention(0, 1, None, None, None)
    assert have_compatible_dates(day, month)
    assert have_compatible_dates(day, unknown)
    assert have_compatible_dates(None, day)
    assert not have_compatible_dates(other, month)
