import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.language.folding import fold


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("hoà bình", "hòa bình"),
        ("Thoả thuận", "thỏa thuận"),
        ("KHOẺ", "khỏe"),
        ("Uỷ ban", "ủy ban"),
        ("thuý.", "thúy."),
        ("Hoà2", "hòa2"),
    ],
)
def test_both_placements_of_the_tone_become_one(new, old):
    assert fold(new) == fold(old) == old


@pytest.mark.parametrize("word", ["hoàn", "toán", "huýt", "quý", "quỳ", "ngoài", "thuế", "đoàn"])
def test_syllables_with_one_spelling_keep_it(word):
    assert fold(word) == word


def test_a_letter_that_would_become_two_does_not_shift_what_follows():
    assert fold("İstanbul Hoà") == "İstanbul hòa"


@given(st.text())
def test_folding_keeps_every_offset_and_is_stable(text):
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
