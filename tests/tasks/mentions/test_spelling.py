"""Spellings of one name, and names that only look alike."""

import pytest

from tasks.mentions.spelling import is_near_spelling, person_slug, same_person_spelling


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Đỗ Văn Đường", "do-van-duong"), ("Kari  O'Brien", "kari-o-brien"), ("Park Ji-hoon", "park-ji-hoon"), ("…", "")],
)
def test_a_slug_is_ascii_words_with_hyphens(name, slug):
    assert person_slug(name) == slug


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sergei Holm", "Sergey Holm"), ("Alex Berg", "Alexander Berg"), ("Phan Văn Bách", "Phạm Văn Bách")],
)
def test_names_that_differ_in_a_letter_or_two_are_one(one, other):
    assert same_person_spelling(one, other)
    assert same_person_spelling(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Holm", "Holm"),
        ("Kari Holm", "Mari Holm"),
        ("Kari Holm", "Kari Berg"),
        ("Kari Holm", "Kari Anne Holm"),
        ("Lê Hà Anh", "Lý Hà Anh"),
    ],
)
def test_other_names_are_not(one, other):
    assert not same_person_spelling(one, other)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("lavrof", "lavrov", True),
        ("alex", "alexander", True),
        ("an", "on", False),
        ("berg", "borg", True),
        ("berg", "bolg", False),
        ("kari", "mari", False),
    ],
)
def test_words_are_near_by_their_letters(one, other, near):
    assert is_near_spelling(one, other) is near
