"""What verbs of speech take."""

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.language.pack import pack_codes
from tasks.language.phrase_lists import read_phrases
from tasks.quotes.frames import load_frames

CODES = pack_codes(SEEDS)


def takes(value, lead, classes, *, has_verb=False):
    return load_frames(SEEDS, "vi")[value].takes_content(lead, classes.split(), has_verb=has_verb)


@pytest.mark.parametrize(
    ("value", "lead", "classes"),
    [
        ("utter", "COLON", "LOW"),
        ("judge", "THAT", "LOW"),
        ("utter", "", "QUOTE"),
        ("utter", "COMMA", "LOW QUOTE"),
        ("judge", "", "LOW QUOTE"),
        ("deny", "", "DEED LOW"),
        ("deny", "COMMA", "LOW LOW LOW LOW"),
        ("explain", "COMMA", "LOW LOW LOW LOW"),
        ("describe", "", "LOW IS LOW"),
        ("request", "", "ORG MAY LOW"),
        ("assert", "", "LOW PAST LOW"),
        ("assert", "COMMA", "IN CITY COMMA LOW PAST"),
        ("assert", "", "THIS_MATTER FUT LOW"),
    ],
)
def test_what_the_verb_takes_is_content(value, lead, classes):
    assert takes(value, lead, classes)


@pytest.mark.parametrize(
    ("value", "lead", "classes"),
    [
        ("assert", "", "LOW"),
        ("assert", "", "ABOUT LOW LOW PAST"),
        ("assert", "", "IN CITY"),
        ("assert", "", "AT CITY"),
        ("assert", "", "THIS_MATTER WITH PERSON"),
        ("assert", "", "SO LOW"),
        ("assert", "COMMA", "CUE ORG LOW"),
        ("utter", "", "LOW LOW PAST"),
        ("utter", "", "LOW QUOTE"),
        ("judge", "", "LOW PAST LOW"),
        ("deny", "", "LOW PAST LOW LOW"),
        ("deny", "COMMA", "LOW"),
        ("explain", "", "LOW LOW PAST"),
        ("describe", "", "LOW LOW"),
        ("wish", "", "WITH PERSON"),
    ],
)
def test_what_it_does_not_take_is_none(value, lead, classes):
    assert not takes(value, lead, classes)


def test_words_of_no_class_are_a_clause_where_a_verb_is_known_among_them():
    assert takes("assert", "", "LOW LOW", has_verb=True)
    assert not takes("assert", "", "LOW LOW", has_verb=False)


@pytest.mark.parametrize(
    ("value", "said", "closes"),
    [
        ("assert", "LOW LOW LOW", True),
        ("assert", "LOW LOW", False),
        ("assert", "QUOTE", True),
        ("request", "LOW QUOTE", True),
        ("request", "QUOTE LOW", False),
        ("utter", "QUOTE LOW", True),
        ("utter", "LOW LOW LOW", False),
    ],
)
def test_behind_what_a_verb_may_close_a_sentence(value, said, closes):
    assert load_frames(SEEDS, "vi")[value].closes_behind(said.split()) is closes


@pytest.mark.parametrize("code", CODES)
def test_verbs_of_speech_and_frames_are_the_same(code):
    values = {phrase.value for phrase in read_phrases(SEEDS / "languages" / code) if phrase.token_class == "CUE"}
    assert values == set(load_frames(SEEDS, code))


def test_a_frame_that_takes_something_unknown_is_told(tmp_path):
    folder = tmp_path / "languages" / "xx"
    folder.mkdir(parents=True)
    row = '[[frame]]\nvalue = "assert"\ntakes = ["nonsense"]\ncloses = "anything"\ncontinues = true\nexample = "-"\n'
    (folder / "frames.toml").write_text(row, encoding="utf-8")
    with pytest.raises(StopFlow, match=r"frames.toml: frame, entry 1: takes"):
        load_frames(tmp_path, "xx")
