import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.articles import Article, Page, Sidecar
from schemas.errors import RejectArticle
from schemas.settings import CleanLimits
from tasks.clean import clean_page

NOW = datetime(2024, 6, 18, 9, tzinfo=UTC)
TEXT = """Hai ngoại trưởng gặp nhau sau ba năm

Thu Hà (Theo NPR)-Thứ sáu, ngày 03/03/2023 06:58 GMT+7

VTV.vn - Ngoại trưởng hai nước đã gặp nhau bên lề một hội nghị.

Cuộc gặp kéo dài chưa đầy mười phút, hai bên thoả thuận sẽ gặp lại. (Theo Reuters)
"""


def page(body, media="text", **sidecar):
    body = body if isinstance(body, bytes) else body.encode()
    return Page(input="news/a.txt", media=media, body=body, sidecar=Sidecar(**sidecar), fetched_at=NOW)


def clean(body, media="text", *, limits=None, languages=("vi", "en"), **sidecar):
    return clean_page(page(body, media, **sidecar), limits=limits or CleanLimits(), languages=languages)


def code(body, media="text", **options):
    with pytest.raises(RejectArticle) as caught:
        clean(body, media, **options)
    return caught.value.code


def parts(article):
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def tiles(article):
    """The text again, from its blocks and the line breaks between lines."""
    at, rebuilt = 0, ""
    for block in article.blocks:
        assert block.start in (at, at + 1) and block.start < block.end
        rebuilt += "\n" * (block.start - at) + article.text[block.start : block.end]
        at = block.end
    return rebuilt


def test_a_text_file_becomes_an_article():
    article = clean(TEXT)
    assert parts(article) == [
        ("title", "Hai ngoại trưởng gặp nhau sau ba năm"),
        ("byline", "Thu Hà (Theo NPR)-Thứ sáu, ngày 03/03/2023 06:58 GMT+7"),
        ("dateline", "VTV.vn - "),
        ("lead", "Ngoại trưởng hai nước đã gặp nhau bên lề một hội nghị."),
        ("body", "Cuộc gặp kéo dài chưa đầy mười phút, hai bên thoả thuận sẽ gặp lại."),
        ("byline", " (Theo Reuters)"),
    ]
    assert article.title == "Hai ngoại trưởng gặp nhau sau ba năm"
    assert article.lead == "Ngoại trưởng hai nước đã gặp nhau bên lề một hội nghị."
    assert (article.authors, article.wire, article.outlet) == (("Thu Hà",), "NPR", "VTV")
    assert (article.published_from, article.published_at.isoformat()) == ("text", "2023-03-03T06:58:00+07:00")
    assert (article.language, article.source, article.input) == ("vi", "news", "news/a.txt")
    assert (article.url, article.near_duplicate_of) == (None, None)


def test_the_sidecar_comes_first():
    article = clean(
        TEXT,
        url="https://baomau.vn/a.htm?utm_source=rss#top",
        outlet="Báo Mẫu",
        title="Một đầu đề khác hẳn",
        published_at=datetime.fromisoformat("2023-03-04"),
        language="vi-VN",
    )
    assert parts(article)[0] == ("title", "Một đầu đề khác hẳn")
    assert (article.url, article.outlet) == ("https://baomau.vn/a.htm", "Báo Mẫu")
    assert (article.published_from, article.published_at.isoformat()) == ("feed", "2023-03-04T00:00:00+07:00")


def test_a_title_that_the_text_holds_is_marked_where_it_stands():
    article = clean("Thứ ba, 13/12/2016 | 14:50 GMT+7\n" + TEXT, title="HAI NGOẠI TRƯỞNG gặp nhau sau ba năm")
    assert [kind for kind, _ in parts(article)][:2] == ["dateline", "title"]
    assert article.title == "Hai ngoại trưởng gặp nhau sau ba năm"


def test_a_date_after_the_fetch_is_not_believed():
    assert clean(TEXT, published_at=datetime(2024, 7, 1, tzinfo=UTC)).published_from == "text"
    late = clean(TEXT.replace("2023", "2025"))
    assert (late.published_at, late.published_from) == (None, None)


def test_a_date_in_the_story_is_not_the_date_of_publication():
    assert clean("Hai bên gặp nhau\nCuộc gặp diễn ra hôm thứ Sáu, ngày 03/03/2023, tại Viên.").published_at is None


def test_the_url_names_the_article_and_else_its_text():
    same = (
        clean(TEXT, url="https://baomau.vn/a.htm"),
        clean("Văn bản khác, cũng đủ dài để là bài báo.", url="https://baomau.vn/a.htm#x"),
    )
    assert same[0].article_id == same[1].article_id
    assert clean(TEXT).article_id == clean(TEXT.replace("\n\n", "\n")).article_id != same[0].article_id
    assert len(clean(TEXT).article_id) == 16


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "http://[", "https://nohost", "", "a b"])
def test_a_url_that_leads_nowhere_is_no_url(url):
    assert clean(TEXT, url=url).url is None


def half_decomposed(text):
    """Marks below split off, the rest composed, as some editors leave it."""
    return "".join(
        unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", letter) if c != "\u0323"))
        + "\u0323" * unicodedata.normalize("NFD", letter).count("\u0323")
        for letter in text
    )


@pytest.mark.parametrize("form", [lambda text: unicodedata.normalize("NFD", text), half_decomposed])
def test_every_way_to_compose_letters_gives_the_same_article(form):
    assert form(TEXT) != TEXT
    assert clean(form(TEXT)) == clean(TEXT)


def test_blanks_breaks_and_invisible_characters_do_not_matter():
    disguised = TEXT.replace(" ", "\xa0 ").replace("ngoại", "ngo\u200bại\xad").replace("\n", "\r\n")
    assert clean("\ufeff" + disguised) == clean(TEXT)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_that_show(encoding):
    assert clean(TEXT.encode(encoding)) == clean(TEXT)


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ("empty", b" \n\xc2\xa0\n"),
        ("empty", b"Ba t\xe1\xbb\xab th\xc3\xb4i"),
        ("binary", b"%PDF-1.7 and the rest"),
        ("binary", TEXT.encode("utf-32-le")),
        ("binary", b"\x89PNG\r\n\x1a\n" * 40),
        ("wrong_encoding", "Они встретились в Женеве и говорили долго".encode("koi8-r")),
        ("wrong_encoding", b"\xff\xfe\x00\xd8"),
        ("unsupported_language", "Die Außenminister beider Länder haben sich am Freitag in Genf getroffen."),
        ("too_large", b"x" * 5_000_001),
    ],
)
def test_what_is_no_article_of_ours_is_rejected(expected, body):
    assert code(body) == expected


def test_a_language_without_a_pack_is_rejected_even_if_stated():
    assert code(TEXT, language="fr") == "unsupported_language"
    assert code(TEXT, languages=("en",)) == "unsupported_language"


def test_text_in_a_thousand_lines_or_one_is_kept_whole():
    sentence = "Hai ngoại trưởng gặp nhau ở Viên và nói chuyện rất lâu. "
    assert len(clean(sentence * 2_000).blocks) == 1
    many = clean("\n".join(f"{number}. {sentence}" for number in range(2_000)))
    assert len(many.blocks) == 2_000


PIECES = "Ngoại trưởng Nga gặp nhau ở Viên , . … ... “ ” ( ) - / Ảnh: Theo Reuters TTXVN VTV.vn 2/3 thoả"
WORDS = st.lists(st.sampled_from(PIECES.split()))
LINES = st.lists(
    st.one_of(
        WORDS.map(" ".join),
        st.text(max_size=40),
        st.sampled_from(TEXT.split("\n")),
        st.sampled_from(["Tin liên quan", "Minh An", "9 tháng 12 2016", "Cắt ở giữa một câu dài ...", "Hết./."]),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(LINES, st.sampled_from(["vi", None]))
def test_blocks_cover_any_text(lines, language):
    try:
        article = clean("\n".join(lines).encode("utf-8", "replace"), language=language)
    except RejectArticle:
        return
    assert tiles(article) == article.text
    assert all("\n" not in part for _, part in parts(article))
    assert unicodedata.is_normalized("NFC", article.text)
    assert [kind for kind, _ in parts(article)].count("title") <= 1
    assert clean(article.text, language="vi").text == article.text


@settings(max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=200).map(lambda text: (TEXT + text).encode("utf-8", "replace"))
    ),
    st.sampled_from(["text", "html"]),
    st.builds(
        Sidecar,
        url=st.none() | st.text(max_size=40) | st.just("https://baomau.vn/x"),
        outlet=st.none() | st.text(max_size=10),
        title=st.none() | st.text(max_size=40),
        published_at=st.none() | st.datetimes() | st.datetimes(timezones=st.just(UTC)),
        language=st.none() | st.text(max_size=5) | st.just("vi"),
    ),
)
def test_any_bytes_become_an_article_or_a_reject(body, media, sidecar):
    try:
        article = clean_page(
            Page(input="x", media=media, body=body, sidecar=sidecar, fetched_at=NOW),
            limits=CleanLimits(),
            languages=("vi", "en"),
        )
    except RejectArticle as reject:
        assert reject.code and reject.message
    else:
        assert isinstance(article, Article)
        assert tiles(article) == article.text
        article.text.encode()


def test_a_web_page_becomes_an_article():
    article = clean((Path(__file__).parent / "pages" / "talks.html").read_bytes(), "html")
    assert [(kind, part[:24]) for kind, part in parts(article)] == [
        ("title", "Hai ngoại trưởng hội đàm"),
        ("dateline", "(Báo Mẫu) - "),
        ("lead", "Cuộc hội đàm kéo dài hai"),
        ("body", "Ngoại trưởng nước thứ nh"),
        ("body", "“Chúng tôi đã nói với nh"),
        ("subhead", "Bước tiếp theo"),
        ("body", "Người đồng cấp của bà xá"),
        ("caption", "Tòa nhà nơi diễn ra hội "),
        ("body", "Đây là lần đầu tiên hai "),
        ("related", "Tin liên quan"),
        ("related", "Tổng thống không có kế h"),
        ("related", "Phát ngôn viên nói chưa "),
        ("related", "Hãng hàng không quốc gia"),
    ]
    assert article.title == "Hai ngoại trưởng hội đàm tại Viên"
    assert (article.outlet, article.authors, article.wire) == ("Báo Mẫu", ("Lê Minh",), "Reuters")
    assert article.url == "https://baomau.example.vn/the-gioi/hoi-dam-vien-1.htm"
    assert (article.published_from, article.published_at.isoformat()) == ("meta", "2024-06-18T05:30:00+07:00")


@pytest.mark.parametrize(
    ("expected", "markup"),
    [
        ("too_many_tags", "<html><body>" + "<br>" * 60_001),
        ("too_large", "<html>" + "x" * 2_000_001),
        (
            "no_article",
            "<html><head><title>Trang trống</title></head><body><nav><a href='/'>Về nhà</a></nav></body></html>",
        ),
        ("no_article", "<html><body></body></html>"),
    ],
)
def test_a_page_that_costs_too_much_or_says_nothing_is_rejected(expected, markup):
    assert code(markup, "html") == expected


def test_what_one_page_gives_does_not_depend_on_the_pages_before():
    body = (Path(__file__).parent / "pages" / "talks.html").read_bytes()
    assert len({clean(body, "html").text for _ in range(4)}) == 1


def test_a_page_may_declare_another_encoding():
    story = "The ministers met in a café in Zürich on Friday and talked for an hour about trade between them. "
    body = f"<head><meta charset='windows-1252'><title>Talks</title></head><article><p>{story * 3}</p></article>"
    assert "café in Zürich" in clean(f"<html>{body}</html>".encode("cp1252"), "html").text


def test_a_telling_name_around_the_whole_article_is_not_believed():
    story = "".join(f"<p>Đoạn thứ {n} kể về cuộc gặp của hai ngoại trưởng ở Viên hôm thứ Sáu.</p>" for n in range(6))
    article = clean(f"<html><body><div class='content related'>{story}</div></body></html>", "html")
    assert [kind for kind, _ in parts(article)].count("body") == 6
