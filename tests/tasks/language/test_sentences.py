import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import ARTICLE
from schemas.articles import Block
from seeds import SEEDS
from tasks.language.pack import load_pack, pack_codes
from tasks.language.phrase_lists import read_phrases
from tasks.language.sentences import read_sentences

CODES = pack_codes(SEEDS)
PUBLISHED = datetime(2024, 6, 1, tzinfo=UTC)


def article(code, *paragraphs, kind="body"):
    blocks, at = [], 0
    for paragraph in paragraphs:
        blocks.append(Block(kind, at, at + len(paragraph)))
        at += len(paragraph) + 1
    return replace(ARTICLE, language=code, text="\n".join(paragraphs), blocks=tuple(blocks))


def sentences(code, *paragraphs):
    read = article(code, *paragraphs)
    return [read.text[s.start : s.end] for s in read_sentences(read, load_pack(SEEDS, code))]


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("vi", ["Bà tới.", "Ông về!", "Ai ở lại?"]),
        ("vi", ["Ông J. Weber tới.", "Bà về."]),
        ("vi", ["TS. Jonas Weber tới.", "Bà về."]),
        ("vi", ["Giá là 1.500 đồng.", "Bà về."]),
        ("vi", ["Bà nói: “Trời đẹp.”", "Ông về."]),
        ("vi", ["“Trời đẹp. Gió mát. Mây trắng”, bà nói.", "Ông về."]),
        ("vi", ["“Trời đẹp!” - bà nói.", "Ông về."]),
        ("vi", ["Bà chờ... rồi đi.", "Ông về."]),
        ("en", ["She came.", "He left!", "Who stayed?"]),
        ("en", ["Karl F. Weber came.", "She left."]),
        ("en", ["Mr. Weber came.", "She left."]),
        ("en", ["The U.S. envoy came.", "She left."]),
        ("en", ['"It is late. We are tired," she said.', "He left."]),
        ("en", ['"It is late!" she said.', "He left."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(code, parts):
    assert sentences(code, " ".join(parts)) == parts


def test_paragraphs_end_sentences_and_are_counted():
    read = read_sentences(article("vi", "Bà tới", "Ông về. Họ đi"), load_pack(SEEDS, "vi"))
    assert [sentence.paragraph for sentence in read] == [0, 1, 1]
    assert {sentence.block for sentence in read} == {"body"}


def test_a_quoted_stretch_is_one_token_with_its_words_inside():
    read = article("vi", "Bà nói: “Trời đẹp. Gió mát”.")
    (sentence,) = read_sentences(read, load_pack(SEEDS, "vi"))
    (quote,) = [token for token in sentence.tokens if token.kind == "QUOTE"]
    assert read.text[quote.start : quote.end] == "“Trời đẹp. Gió mát”"
    assert [read.text[token.start : token.end] for token in quote.parts] == ["Trời", "đẹp", ".", "Gió", "mát"]


def test_a_text_without_stops_is_cut():
    assert len(sentences("vi", "a " * 1000)) == 3


def test_a_speech_over_two_paragraphs_is_quoted_in_both():
    read = article("vi", "“Trời đẹp.", "“Gió mát”, bà nói.")
    kinds = [s.tokens[0].kind for s in read_sentences(read, load_pack(SEEDS, "vi"))]
    assert kinds == ["QUOTE", "QUOTE"]


@cache
def forms(code):
    return [phrase.form for phrase in read_phrases(SEEDS / "languages" / code)]


@pytest.mark.parametrize("code", CODES)
@given(data=st.data())
def test_sentences_tile_whatever_the_text(code, data):
    words = st.sampled_from(forms(code)) | st.sampled_from(
        ["“", "”", '"', "'", ". ", "? ", "Weber", "9-10/5", "\N{GRINNING FACE}"]
    )
    pieces = st.lists(words | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=5), max_size=25)
    joined = data.draw(st.sampled_from([" ", ""])).join(data.draw(pieces))
    form = data.draw(st.sampled_from(["NFC", "NFD"]))
    text = unicodedata.normalize(form, " ".join(joined.splitlines()))
    done, covered = 0, set()
    for sentence in read_sentences(article(code, text), load_pack(SEEDS, code)):
        assert (sentence.start, sentence.end) == (sentence.tokens[0].start, sentence.tokens[-1].end)
        for token in sentence.tokens:
            assert done <= token.start < token.end <= len(text)
            done = token.end
            covered.update(range(token.start, token.end))
    assert [at for at, letter in enumerate(text) if not letter.isspace() and at not in covered] == []
