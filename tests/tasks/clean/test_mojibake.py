"""Text that was encoded twice is mended; what was encoded once stays as it is."""

import pytest
from web_pages import ENGLISH, STORY, clean, web_page

from schemas.errors import RejectArticle
from tasks.clean.mojibake import mend_mojibake

TEXT = "\n".join(STORY)


def misread(text):
    """UTF-8 as windows-1252 shows it; bytes that it does not define stay controls, as in browsers."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("broken", [misread(TEXT), TEXT.encode().decode("latin-1"), misread(misread(TEXT))])
def test_text_that_was_encoded_twice_is_mended(broken):
    assert broken != TEXT
    assert mend_mojibake(broken) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "\n".join(ENGLISH),
        "Une âme à l’école – «voilà»",
        "",
        "Ã is a letter, and so is Â; â€œ is none",
        "O Estado da União Ã" * 9,
    ],
)
def test_text_that_was_encoded_once_stays(text):
    assert mend_mojibake(text) == text


def test_a_page_with_a_few_such_places_among_good_ones():
    text = f"{TEXT}\n{misread(TEXT)}"
    assert mend_mojibake(text) == f"{TEXT}\n{TEXT}"


def test_words_that_are_lost_are_told():
    broken = "".join(letter if ord(letter) not in range(0x80, 0xA0) else "\ufffd" for letter in misread(TEXT))
    with pytest.raises(RejectArticle, match="encoded twice") as caught:
        mend_mojibake(broken)
    assert caught.value.code == "wrong_encoding"


def test_a_page_that_was_encoded_twice_becomes_an_article():
    assert STORY[2] in clean(misread(web_page())).text
