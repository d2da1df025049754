import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.language.tokens import shape_words

SYLLABLE = re.compile("an|kim|ba")


def shapes(text, syllable=SYLLABLE):
    return [(kind, text[start:end]) for kind, start, end, _ in shape_words(text, 0, len(text), syllable)]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("an", "LOW"),
        ("An", "CAP"),
        ("KIM", "CAP"),
        ("Weber", "FOREIGN"),
        ("O'Brien", "FOREIGN"),
        ("O’Brien", "FOREIGN"),
        ("J", "INITIAL"),
        ("2/3", "DM"),
        ("2-3", "DM"),
        ("2.3", "DM"),
        ("24/2/2022", "DMY"),
        ("24.2.2022", "DMY"),
        ("13/12-14/12", "DMRANGE"),
        ("6-9/11", "DRANGE"),
        ("1/2022", "MY"),
        ("2022", "YEAR"),
        ("1.500", "NUM"),
        ("4,5", "NUM"),
        ("٣", "NUM"),
        ("…", "STOP"),
        ("—", "DASH"),
        ("%", "MARK"),
        ("½", "MARK"),
    ],
)
def test_a_word_has_one_shape(word, kind):
    assert shapes(word) == [(kind, word)]


def test_a_dash_between_words_is_a_hyphen_and_one_between_spaces_is_not():
    assert shapes("Geun-hye") == [("FOREIGN", "Geun"), ("HYPHEN", "-"), ("LOW", "hye")]
    assert shapes("an - an")[1] == ("DASH", "-")


def test_a_stop_after_an_abbreviation_is_a_stop():
    assert shapes("U.S. an") == [("FOREIGN", "U.S"), ("STOP", "."), ("LOW", "an")]


def test_in_english_no_capitalised_word_is_known_by_its_letters():
    assert shapes("An Kim", load_pack(SEEDS, "en").syllable) == [("FOREIGN", "An"), ("FOREIGN", "Kim")]


def test_a_word_is_folded_and_as_long_as_before():
    assert [folded for *_, folded in shape_words("HOÀ, İzmir", 0, 10, SYLLABLE)] == ["hòa", ",", "İzmir"]


@pytest.mark.parametrize("length", [3, 300])
def test_a_long_piece_is_read_like_a_short_one(length):
    assert shapes("an-" * length) == [("LOW", "an"), ("HYPHEN", "-")] * (length - 1) + [("LOW", "an"), ("DASH", "-")]


@pytest.mark.parametrize("text", ["²", "m²", "5²", "x³ ½ ①", "٣"])
def test_odd_digits_are_no_reason_to_stop(text):
    assert "".join(word for _, word in shapes(text)) == text.replace(" ", "")


@given(text=st.text(max_size=80), form=st.sampled_from(["NFC", "NFD"]), data=st.data())
def test_words_cover_all_but_space_in_order(text, form, data):
    text = unicodedata.normalize(form, text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    words = shape_words(text, start, end, SYLLABLE)
    covered = [at for _, first, last, _ in words for at in range(first, last)]
    assert covered == [at for at in range(start, end) if not text[at].isspace()]
