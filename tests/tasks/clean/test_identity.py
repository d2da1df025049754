import pytest

from tasks.clean.identity import article_id, canonical_link, canonical_url, source_of


@pytest.mark.parametrize(
    ("stated", "linked", "chosen"),
    [
        ("https://BaoMau.vn/a.htm?utm_source=x&id=3#top", None, "https://baomau.vn/a.htm?id=3"),
        ("https://m.baomau.vn/a", "https://baomau.vn/a", "https://baomau.vn/a"),
        ("https://amp.baomau.vn/a", "https://www.baomau.vn/a", "https://www.baomau.vn/a"),
        ("https://m.baomau.vn/a", "https://khac.vn/a", "https://m.baomau.vn/a"),
        ("https://tin.baomau.vn/a", "https://baomau.vn/a", "https://tin.baomau.vn/a"),
        ("https://www.baomau.vn/a?print=1", "https://baomau.vn/a", "https://baomau.vn/a"),
        ("https://baomau.vn/in/a", "/a", "https://baomau.vn/a"),
        (None, "https://baomau.vn/a", "https://baomau.vn/a"),
        (None, "/a", None),
        ("javascript:alert(1)", "data:text/html,x", None),
        ("ftp://baomau.vn/a", None, None),
        ("http://[", "http://[", None),
        (None, None, None),
        # What would make one article of many:
        ("https://baomau.vn/the-gioi/a-12.html", "https://baomau.vn/", "https://baomau.vn/the-gioi/a-12.html"),
        ("https://baomau.vn/the-gioi/a-12.html", "https://baomau.vn", "https://baomau.vn/the-gioi/a-12.html"),
        ("https://baomau.vn/the-gioi/a-12.html", "/", "https://baomau.vn/the-gioi/a-12.html"),
        ("https://baomau.vn/the-gioi/a-12.html", "https://baomau.vn/the-gioi/", "https://baomau.vn/the-gioi/a-12.html"),
        ("https://baomau.vn/doc.php?id=5", "https://baomau.vn/doc.php", "https://baomau.vn/doc.php?id=5"),
        ("https://baomau.vn/?p=77", "https://baomau.vn/", "https://baomau.vn/?p=77"),
        ("https://baomau.vn/?p=77", "https://baomau.vn/a-77/", "https://baomau.vn/a-77/"),
        (None, "https://baomau.vn/", None),
        (
            "https://baomau.vn/the-gioi/a-12.html",
            "https://baomau.vn/index.html",
            "https://baomau.vn/the-gioi/a-12.html",
        ),
        ("https://baomau.vn/the-gioi/a-12.html", "https://baomau.vn/the-gioi", "https://baomau.vn/the-gioi/a-12.html"),
        ("https://baomau.vn/hai-nuoc/print", "https://baomau.vn/hai-nuoc/", "https://baomau.vn/hai-nuoc/"),
        ("https://baomau.vn/hai-nuoc/amp", "https://baomau.vn/hai-nuoc", "https://baomau.vn/hai-nuoc"),
        ("https://baomau.vn/", "https://baomau.vn/", "https://baomau.vn"),
        ("https://baomau.vn/a-12.html?trang=2", "https://baomau.vn/a-12.html", "https://baomau.vn/a-12.html"),
    ],
)
def test_the_url_an_article_goes_by(stated, linked, chosen):
    assert canonical_url(stated, [linked] if linked else []) == chosen


def test_of_several_links_of_a_page_the_first_believable_one_counts():
    links = ["https://baomau.vn/", "https://baomau.vn/the-gioi/a-12.html"]
    assert canonical_url("https://m.baomau.vn/the-gioi/a-12.html?tb=1", links) == links[1]
    assert canonical_url(None, links) == links[1]


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


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        (
            "https://baomau.vn/a-123.html?utm_source=zalo&utm_medium=x&fbclid=y#binh-luan",
            "https://baomau.vn/a-123.html",
        ),
        ("https://baomau.vn/a-123.html?zarsrc=30&trang=2", "https://baomau.vn/a-123.html?trang=2"),
        ("https://baomau.vn/a-123.html?amp=1", "https://baomau.vn/a-123.html"),
        ("https://baomau.vn/a-123.html?amp", "https://baomau.vn/a-123.html"),
        ("https://baomau.vn/a-123.html?b=2&amp=1&c=3", "https://baomau.vn/a-123.html?b=2&c=3"),
        ("https://baomau.vn/a-123.html/amp", "https://baomau.vn/a-123.html"),
        ("https://baomau.vn/a-123/amp/", "https://baomau.vn/a-123"),
        ("https://baomau.vn/tin/c0123456.amp", "https://baomau.vn/tin/c0123456"),
        ("https://baomau.vn/doc.php?1423", "https://baomau.vn/doc.php?1423"),
        ("https://baomau.vn/doc.php?1423&utm_source=rss", "https://baomau.vn/doc.php?1423"),
        ("https://baomau.vn/doc.php?id=5&in", "https://baomau.vn/doc.php?id=5&in"),
        ("https://baomau.vn/doc.php?lang=vi&id=5", "https://baomau.vn/doc.php?id=5&lang=vi"),
        ("https://baomau.vn/vat-ly/amp", "https://baomau.vn/vat-ly/amp"),
        ("https://baomau.vn/loa?amp-hay=1", "https://baomau.vn/loa?amp-hay=1"),
        ("  https://baomau.vn/a  ", "https://baomau.vn/a"),
        ("//baomau.vn/b", "https://baomau.vn/b"),
        ("../b", "https://baomau.vn/b"),
        ("https://ai-do:mat-khau@baomau.vn/a", None),
        ("mailto:toa-soan@baomau.vn", None),
        ("javascript:alert(1)", None),
        ("https://localhost/a", None),
        ("https://baomau.vn/a\nb", None),
        ("https://baomau.vn/" + "x" * 2_000, None),
        ("", None),
    ],
)
def test_a_link_is_known_by_one_name(link, canonical):
    assert canonical_link(link, "https://baomau.vn/the-gioi/a") == (canonical if link else None)


def test_a_canonical_link_is_its_own_canonical_link():
    once = canonical_link("https://BaoMau.vn:443/x//y-12.html/amp?utm_source=x&b=2&a=1&amp=1#z")
    assert once == canonical_link(once) == "https://baomau.vn/x/y-12.html?a=1&b=2"


def test_an_article_is_one_whether_it_came_over_http_or_https():
    assert article_id("http://baomau.vn/a", "") == article_id("https://baomau.vn/a", "")
    assert article_id("http://baomau.vn/a", "") != article_id("http://baomau.vn/b", "")
    assert article_id(None, "http://baomau.vn/a") != article_id(None, "https://baomau.vn/a")
