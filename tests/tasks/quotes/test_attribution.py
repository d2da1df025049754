"""Who says what in one sentence; most cases are data, in ``tests/cases/attributions.toml``."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from annotated import read_document

from schemas.document import Document, Sentence
from seeds import SEEDS
from tasks.language.pack import pack_codes
from tasks.quotes.attribution import find_attributions
from tasks.quotes.frames import load_frames

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "attributions.toml").read_text("utf-8"))["case"]
MARKS = '"“”'


def attributions(text, language="vi"):
    """Speaker, cue and content of each act of speech, as printed; an empty range is an empty string."""
    document = read_document(text, language=language)
    return [
        tuple(printed(document, sentence, stretch) for stretch in (each.speaker, each.cue, each.content))
        for sentence in document.sentences
        for each in find_attributions(sentence, load_frames(SEEDS, language))
    ]


def printed(document: Document, sentence: Sentence, stretch: tuple[int, int]) -> str:
    first, last = stretch
    return document.text(sentence.tokens[first].start, sentence.tokens[last - 1].end) if last > first else ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']}: {case['name']}")
def test_what_a_sentence_attributes(case):
    found = attributions(case["text"], case["language"])
    assert [content.strip(MARKS) for _, _, content in found] == [wanted.strip(MARKS) for wanted in case["said"]]
    if "speaker" in case:
        assert {speaker for speaker, _, _ in found} == {case["speaker"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ông Gruber nói rằng cầu đã mở.", [("Ông Gruber", "nói", "cầu đã mở")]),
        ("“Cầu đã mở vào sáng nay”, ông Gruber nói.", [("ông Gruber", "nói", "“Cầu đã mở vào sáng nay”")]),
        ("Theo ông Gruber, cầu đã mở.", [("ông Gruber", "Theo", "cầu đã mở")]),
        (
            "Ông Gruber cho biết cầu đã mở, đồng thời khẳng định phí sẽ không tăng.",
            [("Ông Gruber", "cho biết", "cầu đã mở"), ("Ông Gruber", "khẳng định", "phí sẽ không tăng")],
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
    sentence = read_document(text).sentences[0]
    contents = [one.content for one in find_attributions(sentence, load_frames(SEEDS, "vi"))]
    assert len(contents) == 3
    assert all(before[1] <= after[0] for before, after in pairwise(contents))


def test_a_sentence_without_a_word_of_speech_is_not_read():
    sentence = Sentence(0, 0, "body", 0, ())
    assert find_attributions(sentence, load_frames(SEEDS, "vi")) == ()


@pytest.mark.parametrize(
    ("language", "frame"),
    [(code, frame) for code in pack_codes(SEEDS) for frame in load_frames(SEEDS, code).values()],
    ids=lambda value: getattr(value, "value", value),
)
def test_the_example_of_a_frame_is_read_with_it(language, frame):
    document = read_document(frame.example, language=language)
    cues = [
        [token.value for token in sentence.tokens[slice(*found.cue)]]
        for sentence in document.sentences
        for found in find_attributions(sentence, load_frames(SEEDS, language))
    ]
    assert len(cues) == 1
    assert frame.value in cues[0]
