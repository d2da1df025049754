"""Held, planned, proposed, postponed, cancelled or denied."""

from datetime import date

import pytest
from annotated import read_document

from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.meetings.event_mentions import find_mentions

WHO = "Ngoại trưởng Áo Karl Gruber"
WHOM = "Ngoại trưởng Na Uy Kari Nilsen"


def status(text):
    document = read_document(text, published=date(2024, 5, 2))
    return next(find_mentions(document, load_pack(SEEDS, "vi"))).status


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{WHO} đã gặp {WHOM}.", "held"),
        (f"{WHO} gặp {WHOM} hôm 20/4.", "held"),
        (f"{WHO} gặp {WHOM} ngày 20/5.", "planned"),
        (f"{WHO} sẽ gặp {WHOM}.", "planned"),
        (f"{WHO} có thể gặp {WHOM}.", "proposed"),
        (f"{WHO} muốn gặp {WHOM}.", "proposed"),
        (f"{WHO} từ chối gặp {WHOM}.", "denied"),
        (f"{WHO} không gặp {WHOM}.", "denied"),
        (f"{WHO} hủy cuộc gặp với {WHOM}.", "cancelled"),
        (f"{WHO} hoãn cuộc gặp với {WHOM}.", "postponed"),
        (f"Cuộc gặp giữa {WHO} và {WHOM} đã bị hoãn.", "postponed"),
        (f"Cuộc gặp giữa {WHO} và {WHOM}, dự kiến diễn ra tại Bern, đã bị hoãn.", "postponed"),
        (f"Cuộc gặp giữa {WHO} và {WHOM} sắp diễn ra.", "planned"),
    ],
)
def test_the_words_around_an_event_say_what_became_of_it(text, expected):
    assert status(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"{WHO} đã gặp {WHOM} và sẽ tới Bern.",
        f"Ông Weber không vui, nhưng {WHO} đã gặp {WHOM}.",
        f"Bác bỏ tin đồn sau khi {WHO} gặp {WHOM}, ông Weber về nước.",
    ],
)
def test_words_of_another_clause_do_not_count(text):
    assert status(text) == "held"
