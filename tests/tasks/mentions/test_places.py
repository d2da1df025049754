"""Places behind a preposition of place."""

import pytest
from annotated import read_document


def places(text):
    return [(one.city, one.country, one.venue) for one in read_document(text).places]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ông Gruber phát biểu tại Vienna.", ("Vienna", "AT", None)),
        ("Ông Gruber phát biểu ở Áo.", (None, "AT", None)),
        ("Ông Gruber phát biểu tại Bergen, Na Uy.", ("Bergen", "NO", None)),
        ("Ông Gruber tới thủ đô Oslo, Na Uy.", ("Oslo", "NO", None)),
    ],
)
def test_a_place_has_city_and_country(text, place):
    assert places(text) == [place]


@pytest.mark.parametrize(
    "text", ["Ngoại trưởng Áo phát biểu.", "Đại sứ tại Áo phát biểu.", "Ông Gruber phát biểu tại hội trường."]
)
def test_a_country_that_qualifies_somebody_is_no_place(text):
    assert places(text) == []


def test_a_city_that_is_spelt_with_spaces_is_a_place_all_the_same():
    assert places("Ông tới Bu - cha hôm qua.") == [("Bu - cha", "UA", None)]
