import re
import unicodedata
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds import SEEDS
from tasks.language.lexicon import Lexicon, Phrase
from tasks.language.pack import load_pack, pack_codes
from tasks.language.phrase_lists import read_phrases
from tasks.language.tokens import shape_words

CODES = pack_codes(SEEDS)
LEXICON = Lexicon(
    [
        Phrase("hòa bình", "PEACE", "1"),
        Phrase("bình", "VASE"),
        Phrase("bình minh", "DAWN"),
        Phrase("Nga", "COUNTRY", "RU", case="capital"),
        Phrase("do", "BY", case="lower"),
        Phrase("Anh", "COUNTRY", "GB", case="capital"),
        Phrase("anh", "HE", case="small"),
        Phrase("U.S.", "COUNTRY", "US"),
        Phrase("người đồng cấp", "COUNTERPART_WORD"),
        Phrase("người đồng cấp đến từ", "COUNTERPART_WORD", "from"),
    ]
)


def words(text):
    return shape_words(text, 0, len(text), re.compile("x"))


def found(text, lexicon=LEXICON):
    after = lexicon.apply(words(text))
    return [
        (token.kind, text[token.start : token.end])
        for token in after
        if token.kind not in ("LOW", "FOREIGN", "STOP", "MARK")
    ]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("hòa bình", [("PEACE", "hòa bình")]),
        ("Hoà  Bình", [("PEACE", "Hoà  Bình")]),
        ("hòa bình minh", [("PEACE", "hòa bình")]),
        ("bình bình minh", [("VASE", "bình"), ("DAWN", "bình minh")]),
        ("bìnhminh", []),
        ("🙂 hòa\N{NO-BREAK SPACE}bình 🙂", [("PEACE", "hòa\N{NO-BREAK SPACE}bình")]),
        (unicodedata.normalize("NFD", "bình"), []),
        ("Nga nga", [("COUNTRY", "Nga")]),
        ("cầu do Áo xây", [("BY", "do")]),
        ("Do Áo xây", [("BY", "Do")]),
        ("xa. Do Áo xây", [("BY", "Do")]),
        ("ông Do Weber", []),
        ("Anh gặp anh", [("COUNTRY", "Anh"), ("HE", "anh")]),
        ("in the U.S. today", [("COUNTRY", "U.S.")]),
        ("người đồng cấp đến từ Áo", [("COUNTERPART_WORD", "người đồng cấp đến từ")]),
        ("người đồng cấp đến nơi", [("COUNTERPART_WORD", "người đồng cấp")]),
    ],
)
def test_the_longest_phrase_from_the_left_on_whole_words(text, phrases):
    assert found(text) == phrases


def test_a_token_knows_what_the_phrase_means():
    (token,) = LEXICON.apply(words("Nga"))
    assert (token.kind, token.value, token.parts) == ("COUNTRY", "RU", ())


def test_a_stretch_is_read_at_its_own_offsets():
    text = "Bà thăm Nga"
    (token,) = LEXICON.apply(shape_words(text, 8, 11, re.compile("x")))
    assert (token.kind, token.start, token.end) == ("COUNTRY", 8, 11)


def test_no_words_no_phrases():
    assert LEXICON.apply([]) == []
    assert len(LEXICON) == 10


@cache
def forms(code):
    return [phrase.form for phrase in read_phrases(SEEDS / "languages" / code)]


@pytest.mark.parametrize("code", CODES)
@given(data=st.data())
def test_phrases_keep_the_offsets_of_the_words(code, data):
    pack = load_pack(SEEDS, code)
    pieces = st.lists(st.sampled_from(forms(code)) | st.text(max_size=8), max_size=12)
    joined = data.draw(st.sampled_from(["", " ", "\N{NO-BREAK SPACE}", ", "])).join(data.draw(pieces))
    text = unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD"])), joined)
    spans = [(start, end) for _, start, end, _ in shape_words(text, 0, len(text), pack.syllable)]
    after = pack.lexicon.apply(shape_words(text, 0, len(text), pack.syllable))
    assert [span for token in after for span in spans if token.start <= span[0] and span[1] <= token.end] == spans
    assert {token.start for token in after} <= {start for start, _ in spans}
    assert {token.end for token in after} <= {end for _, end in spans}
