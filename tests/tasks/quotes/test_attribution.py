"""Where a sentence attributes speech: to whom, by which verb, and which words."""

from itertools import pairwise

import pytest
from annotated import make_article, read_tokens

from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.quotes.attribution import find_attributions


def attributions(text):
    """Speaker, cue and content of each act of speech, as printed; an empty range is an empty string."""
    tokens = read_tokens(text)

    def printed(span):
        first, end = span
        return text[tokens[first].start : tokens[end - 1].end] if first < end else ""

    found = find_attributions(tokens, load_pack(SEEDS, "vi").attributions)
    return [(printed(one.speaker), printed(one.cue), printed(one.content)) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ông Gruber nói rằng cầu đã mở.", [("Ông Gruber", "nói", "cầu đã mở")]),
        ("“Cầu đã mở vào sáng nay”, ông Gruber nói.", [("ông Gruber", "nói", "“Cầu đã mở vào sáng nay”")]),
        ("Theo ông Gruber, cầu đã mở.", [("ông Gruber", "Theo", "cầu đã mở")]),
        (
            "Ông Gruber cho biết cầu đã mở, đồng thời khẳng định phí sẽ không tăng.",
            [("Ông Gruber", "cho biết", "cầu đã mở"), ("", "khẳng định", "phí sẽ không tăng")],
        ),
        (
            "Ông Gruber cho biết cầu đã mở, trong khi bà Nilsen khẳng định phí sẽ tăng.",
            [("Ông Gruber", "cho biết", "cầu đã mở"), ("bà Nilsen", "khẳng định", "phí sẽ tăng")],
        ),
        (
            "“Cầu đã mở”, ông Gruber nói, “và phí không tăng”.",
            [("ông Gruber", "nói", "“Cầu đã mở”"), ("ông Gruber", "nói", "“và phí không tăng”")],
        ),
    ],
)
def test_a_sentence_gives_its_acts_of_speech(text, expected):
    assert attributions(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Ông Gruber mở cầu.",
        "Ông Gruber nói về cây cầu.",
        "Ông Gruber khẳng định điều này với báo chí.",
        "Ông Gruber phát biểu tại Linz.",
        "Tin đồn về ông Gruber lan nhanh.",
    ],
)
def test_a_sentence_without_reported_words_gives_none(text):
    assert attributions(text) == []


def test_who_stands_behind_a_preposition_does_not_speak():
    assert attributions("Trong cuộc gặp với ông Gruber, bà Nilsen nói rằng cầu đã mở.")[0][0] == "bà Nilsen"


def test_contents_do_not_overlap():
    text = "Ông Gruber cho biết cầu đã mở; đề nghị Bỉ giảm phí; khẳng định phí sẽ không tăng."
    tokens = read_tokens(text)
    contents = [one.content for one in find_attributions(tokens, load_pack(SEEDS, "vi").attributions)]
    assert len(contents) == 3
    assert all(before[1] <= after[0] for before, after in pairwise(contents))


def test_nothing_is_read_from_no_tokens():
    assert make_article("").text == ""
    assert find_attributions((), load_pack(SEEDS, "vi").attributions) == ()
