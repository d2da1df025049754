import unicodedata
from datetime import UTC, datetime

import pytest

from outlet.faults import windows_1258
from schemas.articles import Page, Sidecar
from schemas.errors import RejectArticle
from tasks.clean.decoding import decode_page

STORY = "Ngoại trưởng hai nước đã gặp nhau, thỏa thuận nối lại đường bay thẳng."


def decode(body, media="text", charset=None):
    now = datetime.now(UTC)
    return decode_page(Page(input="x", media=media, body=body, sidecar=Sidecar(), fetched_at=now, charset=charset))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_in_all_its_forms(encoding):
    assert decode(STORY.encode(encoding)) == STORY


def test_windows_1258_where_it_makes_vietnamese():
    assert decode(windows_1258(STORY)) == STORY
    assert decode(windows_1258(STORY), "html") == STORY


@pytest.mark.parametrize(
    "body", ["Ils se sont retrouvés à Genève où l’été finissait".encode("cp1252"), STORY.encode()[:-30] + b"\xe1"]
)
def test_text_in_an_encoding_nobody_names_is_rejected(body):
    with pytest.raises(RejectArticle) as caught:
        decode(body)
    assert caught.value.code == "wrong_encoding"


def test_a_page_may_have_a_few_broken_bytes_and_a_text_file_none():
    body = STORY.encode() * 10 + b"\xff"
    assert decode(body, "html") == STORY * 10 + "\ufffd"
    with pytest.raises(RejectArticle):
        decode(body)


def test_a_declared_encoding_that_is_no_encoding_of_pages_is_not_obeyed():
    with pytest.raises(RejectArticle):
        decode(b"<meta charset=unicode_escape>" + "Genève, Zürich, où".encode("latin-1"), "html")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("charset", [None, "utf-16", "utf-8"])
def test_utf_16_without_a_mark_shows_in_its_nuls(encoding, charset):
    assert decode(STORY.encode(encoding), charset=charset) == STORY


@pytest.mark.parametrize(
    "body", [b"\0" * 1000, bytes(range(256)) * 9, STORY.encode("utf-32-le"), b"\0a\0b" * 9 + b"\xd8"]
)
def test_other_nuls_are_no_text(body):
    with pytest.raises(RejectArticle) as caught:
        decode(body)
    assert caught.value.code in {"binary", "wrong_encoding"}


@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "windows-1252", "windows-1258", "klingon", None])
@pytest.mark.parametrize("media", ["html", "text"])
def test_a_wrong_label_does_not_spoil_what_the_bytes_show(label, media):
    assert decode(STORY.encode(), media, label) == STORY
    assert unicodedata.normalize("NFC", decode(windows_1258(STORY), media, label)) == STORY


def test_the_label_of_the_header_comes_before_the_one_inside():
    body = '<meta charset="windows-1251">Genève, Zürich, où'.encode("cp1252")
    assert decode(body, "html", "windows-1252").endswith("Genève, Zürich, où")
    assert "Genиve" in decode(body, "html")
    assert decode("Genève".encode("cp1252"), "text", "windows-1252") == "Genève"


def test_a_few_broken_bytes_do_not_make_a_wrong_label_right():
    body = STORY.encode() * 10 + b"\xff"
    assert decode(body, "html", "iso-8859-1") == STORY * 10 + "\ufffd"


def test_a_label_that_is_no_encoding_of_pages_is_not_obeyed():
    with pytest.raises(RejectArticle):
        decode("Genève, Zürich, où".encode("latin-1"), charset="unicode_escape")


QUOTED = "“We have a deal” – nobody’s boat is worth a war… "


@pytest.mark.parametrize(
    "label", ["ISO-8859-1", "iso8859-1", "latin1", "Latin-1", "us-ascii", "ASCII", "windows-1252", "CP1252", "x-cp1252"]
)
def test_western_labels_mean_windows_1252(label):
    body = (QUOTED * 9).encode("cp1252")
    assert decode(body, "html", label) == QUOTED * 9
    assert QUOTED in decode(f'<meta charset="{label}">'.encode() + body, "html")


def test_a_byte_that_windows_1252_does_not_define_spoils_nothing():
    assert "caf\xe9 \x81" in decode("café ".encode("cp1252") + b"\x81", "html", "iso-8859-1")


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("gb2312", "gb18030", "两国外长会谈"),
        ("x-sjis", "cp932", "①外相会談"),
        ("iso-8859-9", "cp1254", "“görüşme”"),
        ("ks_c_5601-1987", "cp949", "외교장관 회담"),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label, encoding, text):
    assert decode(text.encode(encoding), "html", label) == text


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="windows-1251">',
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        "<meta content='text/html;charset=windows-1251' http-equiv=content-type>",
        '<?xml version="1.0" encoding="windows-1251"?>',
        f"<script>{'x' * 9_000}</script><meta charset=windows-1251>",
        '<script charset="utf-8" src="a.js"></script><meta charset=windows-1251>',
        '<meta charset="utf-8"><meta charset="windows-1251">',
        '<meta charset="none"><meta charset="windows-1251">',
    ],
)
def test_a_declaration_counts_wherever_it_stands(declaration):
    assert decode(f"{declaration}Встреча министров".encode("cp1251"), "html").endswith("Встреча министров")


def test_nearly_ascii_without_a_label_is_windows_1252():
    text = "The ministers met for an hour and spoke of boats and of nothing else, all day long. " * 3 + "“Café”"
    assert decode(text.encode("cp1252"), "html") == text


def test_stray_marks_of_windows_1252_in_a_page_of_utf_8_are_read():
    body = STORY.encode() * 10 + b"\x93V\xc3\xa2ng\x94"
    assert decode(body, "html").endswith("“Vâng”")
