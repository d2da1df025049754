"""Which meetings are diplomacy."""

from datetime import date

import pytest
from annotated import read_document

from tasks.meetings import find_meetings


def count(text):
    return len(find_meetings(read_document(text, published=date(2024, 5, 20))))


@pytest.mark.parametrize(
    "text",
    [
        "Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen.",
        "Ngoại trưởng Áo Karl Gruber thăm Na Uy.",
        "Phái đoàn Áo và Bỉ đàm phán ở Bern.",
    ],
)
def test_officials_of_two_sides_make_it_diplomacy(text):
    assert count(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Ca sĩ Karl Gruber gặp ca sĩ Kari Nilsen.",
        "Ngoại trưởng Áo Karl Gruber gặp Bộ trưởng Quốc phòng Áo Lena Huber.",
        "Áo gặp Na Uy tối nay.",
        "Ngoại trưởng Áo Karl Gruber thăm Áo.",
        "Người phát ngôn Bộ Ngoại giao Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen.",
    ],
)
def test_other_meetings_are_none(text):
    assert count(text) == 0
