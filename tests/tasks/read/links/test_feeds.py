import builtins
import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples import SOURCE
from schemas.errors import RejectArticle
from schemas.links import Link
from schemas.settings import LinkLimits
from tasks.read.links.feeds import plain_title, read_feed

URL = "https://baomau.vn/rss/home.rss"
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Báo Mẫu</title><link>https://baomau.vn</link><language>vi-VN</language>
<item>
  <title><![CDATA[Hai ngoại trưởng   gặp <b>nhau</b>]]></title>
  <link> https://baomau.vn/hai-ngoai-truong-1001.html?utm_source=rss#top </link>
  <description><![CDATA[<a href="https://khac.vn"><img src="x.jpg"></a>Mô tả]]></description>
  <pubDate>Tue, 18 Jun 2024 08:30:00 +0700</pubDate>
</item>
<item><title>Tin kh&amp;ocirc;ng ng&amp;agrave;y &amp;amp; gi&#7901;</title><link>/tin-1002.html</link></item>
<item><title>Giờ địa phương</title><link>https://www.baomau.vn/tin-1003.html</link>
<pubDate>18/06/2024 08:30</pubDate></item>
<item><title>Của người khác</title><link>https://khac.vn/tin-1004.html</link></item>
<item><title>Không liên kết</title></item>
<item><title>Lần nữa</title><link>http://baomau.vn/hai-ngoai-truong-1001.html?fbclid=x</link></item>
<item><title/><guid>https://baomau.vn/tin-1005.html</guid><pubDate>hôm qua</pubDate></item>
<item><title>Lạ</title><link>javascript:alert(1)</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://tin.baomau.vn/muc/">
<title>Báo Mẫu</title>
<entry><title type="html">Talks &lt;b&gt;resume&lt;/b&gt;</title>
<link rel="self" href="https://baomau.vn/api/1"/><link rel="alternate" href="tin-1.html"/>
<updated>2024-06-19T00:00:00Z</updated><published>2024-06-18T01:30:00Z</published></entry>
<entry><title>Only changed</title><link href="tin-2.html"/><updated>2024-06-19T00:00:00Z</updated></entry>
</feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://baomau.vn"><title>x</title></channel>
<item rdf:about="https://baomau.vn/tin-7.html"><title>Bảy</title><link>https://baomau.vn/tin-7.html</link>
<dc:date>2024-06-18T08:30:00+07:00</dc:date></item></rdf:RDF>"""
RSS_091 = """<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss.dtd">
<rss version="0.91"><channel><title>x</title><item><title>Chín</title><link>https://baomau.vn/tin-9.html</link></item>
</channel></rss>"""
BOMB = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
ITEM = "<item><title>&x;</title><link>https://baomau.vn/x</link></item>"
HOSTILE = {
    "billion laughs": f"<!DOCTYPE r [<!ENTITY l0 'ha'>{BOMB}<!ENTITY x '&l9;'>]><rss><channel>{ITEM}</channel></rss>",
    "quadratic": f"<!DOCTYPE r [<!ENTITY x '{'y' * 50_000}'>]><rss><channel>{'&x;' * 50_000}{ITEM}</channel></rss>",
    "external": f"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><channel>{ITEM}</channel></rss>",
    "parameter": f"<!DOCTYPE r [<!entity % p SYSTEM 'http://127.0.0.1:9/'> %p;]><rss><channel>{ITEM}</channel></rss>",
}


def read_whole(body, *, url=URL, source=SOURCE, **limits):
    body = body if isinstance(body, bytes) else body.encode()
    return read_feed(body, url=url, source=source, limits=LinkLimits(**limits))


def read(body, **options):
    return read_whole(body, **options).links


def code(body, **options):
    with pytest.raises(RejectArticle) as caught:
        read(body, **options)
    assert URL in caught.value.message
    return caught.value.code


def many(number):
    items = (
        f"<item><title>Tin {n}</title><link>https://baomau.vn/tin-{n}.html</link>"
        "<pubDate>Tue, 18 Jun 2024 08:30:00 +0700</pubDate></item>"
        for n in range(number)
    )
    return f"<rss version='2.0'><channel><title>x</title>{''.join(items)}</channel></rss>"


def test_rss_gives_links_in_its_order():
    plain = {"language": "vi", "source": "bao-mau", "found_in": URL}
    half_past_one = datetime(2024, 6, 18, 1, 30, tzinfo=UTC)
    assert read(RSS) == (
        Link(
            url="https://baomau.vn/hai-ngoai-truong-1001.html",
            title="Hai ngoại trưởng gặp nhau",
            published_at=half_past_one,
            **plain,
        ),
        Link(url="https://baomau.vn/tin-1002.html", title="Tin không ngày & giờ", **plain),
        Link(url="https://www.baomau.vn/tin-1003.html", title="Giờ địa phương", published_at=half_past_one, **plain),
        Link(url="https://baomau.vn/tin-1005.html", **plain),
    )


def test_atom_gives_the_article_not_the_entry_and_its_publication_not_its_change():
    first, second = read(ATOM)
    assert (first.url, first.title, first.language) == ("https://tin.baomau.vn/muc/tin-1.html", "Talks resume", "en")
    assert first.published_at == datetime(2024, 6, 18, 1, 30, tzinfo=UTC)
    assert (second.url, second.published_at) == ("https://tin.baomau.vn/muc/tin-2.html", None)


def test_old_kinds_of_rss():
    (seven,) = read(RDF)
    assert (seven.url, seven.published_at) == ("https://baomau.vn/tin-7.html", datetime(2024, 6, 18, 1, 30, tzinfo=UTC))
    (nine,) = read(RSS_091)
    assert (nine.url, nine.title, nine.published_at) == ("https://baomau.vn/tin-9.html", "Chín", None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1258"])
def test_encodings(encoding):
    text = RSS.replace('encoding="utf-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    title = "Tin" if encoding == "cp1258" else "Hai ngoại trưởng gặp nhau"
    text = text if encoding != "cp1258" else "".join(letter for letter in text if letter.isascii())
    assert read(text.encode(encoding))[0].title.startswith(title[:3]) or encoding == "cp1258"
    assert [link.url for link in read(text.encode(encoding))] == [link.url for link in read(RSS)]


def test_times_without_a_zone_are_the_sources():
    times = {
        zone: read(RSS, source=replace(SOURCE, timezone=zone))[2].published_at.hour
        for zone in ("UTC", "Europe/Paris", "Asia/Tokyo")
    }
    assert times == {"UTC": 8, "Europe/Paris": 6, "Asia/Tokyo": 23}


def test_no_more_links_than_asked_for():
    assert [link.title for link in read(many(9), max_links=3)] == ["Tin 0", "Tin 1", "Tin 2"]


def test_ten_thousand_entries():
    links = read(many(10_000))
    assert (len(links), links[-1].url) == (10_000, "https://baomau.vn/tin-9999.html")


def test_a_feed_that_breaks_gives_what_came_before():
    cut = many(9)[:700]
    assert [link.title for link in read(cut)][:4] == ["Tin 0", "Tin 1", "Tin 2", "Tin 3"]
    assert len(read(RSS.replace("&amp;ocirc;", "&"))) == 4


def test_every_entry_is_a_link_or_counted():
    found = read_whole(RSS)
    assert found.dropped == (("elsewhere", 1), ("no_address", 2), ("repeated", 1))
    assert (found.entries, len(found.links), found.damage) == (8, 4, None)
    assert read_whole(many(9), max_links=3).dropped == (("over_limit", 6),)


def test_bare_ampersands_lose_no_entry_and_are_told():
    found = read_whole(many(9).replace("Tin 3", "Tin & tức").replace("Tin 7", "Hỏi &đáp; R&D"))
    assert len(found.links) == 9
    assert found.damage and "not well-formed" in found.damage


def test_an_entry_without_a_link_goes_by_its_id_if_that_is_an_address():
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>{}</id><title>x</title></entry></feed>"
    assert [link.url for link in read(atom.format("https://baomau.vn/tin-8.html"))] == ["https://baomau.vn/tin-8.html"]
    assert code(atom.format("tag:baomau.vn,2024:8")) == "no_links"


def test_a_wrong_label_is_no_damage():
    assert read_whole(many(2).encode()).damage is None
    assert read_whole("<?xml version='1.0' encoding='us-ascii'?>" + many(2)).damage is None


def test_a_feed_without_entries_is_no_mistake():
    assert read("<rss version='2.0'><channel><title>x</title></channel></rss>") == ()
    assert read("<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title></feed>") == ()


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ("not_a_feed", ""),
        ("not_a_feed", " \n "),
        ("not_a_feed", "Trang không tồn tại"),
        ("not_a_feed", '{"items": []}'),
        ("not_a_feed", "<!DOCTYPE html><html><body>Xin chào</body></html>"),
        ("not_a_feed", "\ufeff\n<!-- a --><!-- b --><HTML><title>404</title></HTML>"),
        ("not_a_feed", "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>"),
        ("not_a_feed", "<script>document.cookie='x'; window.location.reload()</script>"),
        ("not_a_feed", "<urlset><url><loc>https://baomau.vn/x</loc></url></urlset>"),
        ("not_a_feed", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("malformed_feed", "<rss version='2.0'><channel><title>x</channel>"),
        ("no_links", "<rss version='2.0'><channel><item><link>https://khac.vn/x</link></item></channel></rss>"),
        ("no_links", "<rss version='2.0'><channel><item><link>file:///etc/passwd</link></item></channel></rss>"),
    ],
)
def test_what_is_no_feed_of_the_outlet_is_told_apart(expected, body):
    assert code(body) == expected


def test_what_costs_too_much_is_not_parsed():
    assert code(RSS, max_feed_bytes=100) == "too_large"
    assert code(RSS, max_feed_tags=10) == "too_many_tags"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_entities_are_refused_before_anything_is_parsed_or_opened(monkeypatch, name, encoding):
    monkeypatch.setattr(builtins, "open", lambda *_, **__: pytest.fail("opened a file"))
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("opened a socket"))
    assert code(HOSTILE[name].encode(encoding)) == "unsafe_xml"


def test_a_document_type_on_the_network_is_not_fetched(monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("opened a socket"))
    assert len(read(RSS_091)) == 1


def test_a_feed_is_bytes_even_if_they_spell_a_path_or_an_address(tmp_path):
    (tmp_path / "feed.xml").write_text(RSS)
    assert code(str(tmp_path / "feed.xml")) == "not_a_feed"
    assert code("http://127.0.0.1:9/feed") == "not_a_feed"


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Tin", "Tin"),
        ("  Hai\n dòng ", "Hai dòng"),
        ("A &amp; B", "A & B"),
        ("AT&T gặp R&D", "AT&T gặp R&D"),
        ("Lạm phát < 5%", "Lạm phát < 5%"),
        ("<b>Đậm</b> và <script>x</script>", "Đậm và x"),
        ("&lt;b&gt;", "<b>"),
        ("<!-- x -->", None),
        ("", None),
        ("x" * 5_000, "x" * 1_000),
    ],
)
def test_titles_are_plain_text(title, plain):
    assert plain_title(title) == plain


MARKUP = st.sampled_from(
    ["<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "<pubDate>",
     "</pubDate>", "</channel>", "</rss>", "https://baomau.vn/a", "<![CDATA[", "]]>", "&amp;", "&x;", "<entry>", "<b>",
     "<feed xmlns='http://www.w3.org/2005/Atom'>", "<feed xml:base='http://['>", "<link href='/a'/>", "-->", "<!--",
     "<?x", "?>", "\0", "ấ", "<guid isPermaLink='true'>", "2024-06-18", "<:"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.binary(max_size=300) | st.lists(MARKUP, max_size=40).map(lambda parts: " ".join(parts).encode()))
def test_any_bytes_give_links_or_a_reject(body):
    try:
        links = read(body)
    except RejectArticle as reject:
        assert reject.code and reject.message
    else:
        assert all(link.url.startswith("http") and "baomau.vn" in link.url for link in links)
