import pytest

from tasks.clean.identity import article_id, canonical_url, source_of


@pytest.mark.parametrize(
    ("stated", "linked", "chosen"),
    [
        ("https://BaoMau.vn/a.htm?utm_source=x&id=3#top", None, "https://baomau.vn/a.htm?id=3"),
        ("https://m.baomau.vn/a", "https://baomau.vn/a", "https://m.baomau.vn/a"),
        ("https://www.baomau.vn/a?print=1", "https://baomau.vn/a", "https://baomau.vn/a"),
        ("https://baomau.vn/in/a", "/a", "https://baomau.vn/a"),
        (None, "https://baomau.vn/a", "https://baomau.vn/a"),
        (None, "/a", None),
        ("javascript:alert(1)", "data:text/html,x", None),
        ("ftp://baomau.vn/a", None, None),
        ("http://[", "http://[", None),
        (None, None, None),
    ],
)
def test_the_url_an_article_goes_by(stated, linked, chosen):
    assert canonical_url(stated, linked) == chosen


def test_an_id_is_sixteen_hexadecimal_digits_of_the_url_or_the_text():
    assert article_id("https://baomau.vn/a", "x") == article_id("https://baomau.vn/a", "y") != article_id(None, "x")
    assert len(article_id(None, "x")) == 16
    int(article_id(None, "x"), 16)


@pytest.mark.parametrize(
    ("link", "source"),
    [
        ("news/2024/a.txt", "news/2024"),
        ("a.txt", "."),
        ("/a.txt", "."),
        ("https://baomau.vn/the-gioi/a", "baomau.vn"),
        ("http://[", "["),
    ],
)
def test_the_source_is_the_folder_or_the_host(link, source):
    assert source_of(link) == source
