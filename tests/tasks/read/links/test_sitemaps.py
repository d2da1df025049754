import gzip
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples import SOURCE
from schemas.errors import RejectArticle
from schemas.links import Link, LinkList
from schemas.settings import LinkLimits
from tasks.read.links.sitemaps import read_sitemap

URL = "https://baomau.vn/sitemap.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://baomau.vn/cu-1.html</loc><news:news><news:publication><news:name>Báo Mẫu</news:name>
<news:language>vi</news:language></news:publication><news:publication_date>2024-06-17T08:00:00+07:00</news:publication_date>
<news:title><![CDATA[Tin cũ &amp; ngắn]]></news:title></news:news><lastmod>2024-06-20</lastmod></url>
<url><image:image><image:loc>https://baomau.vn/anh.jpg</image:loc><image:title>Ảnh</image:title></image:image>
<loc>
  https://baomau.vn/moi-2.html?utm_source=sitemap
</loc><news:news><news:publication_date>2024-06-18</news:publication_date></news:news></url>
<url><loc>https://baomau.vn/doi-3.html</loc><lastmod>2024-06-19T00:00:00Z</lastmod></url>
<url><loc>https://baomau.vn/khong-ngay-4.html</loc></url>
<url><loc>https://khac.vn/5.html</loc><lastmod>2024-06-21</lastmod></url>
<url><loc>https://baomau.vn/moi-2.html</loc></url>
<url/>
</urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://baomau.vn/sitemaps/news-2026-6.xml</loc></sitemap>
<sitemap><loc>https://baomau.vn/sitemaps/news-2026-10.xml</loc></sitemap>
<sitemap><loc>&lt;![CDATA[https://baomau.vn/sitemaps/google-news.xml]]&gt;</loc></sitemap>
<sitemap><loc>https://baomau.vn/sitemaps/a.xml.gz</loc><lastmod>2026-07-01</lastmod></sitemap>
<sitemap><loc>https://baomau.vn/sitemaps/b.xml.gz</loc><lastmod>2026-08-01</lastmod></sitemap>
<sitemap><loc>https://khac.vn/sitemap.xml</loc></sitemap><sitemap><loc>file:///etc/passwd</loc></sitemap>
<sitemap><loc>https://baomau.vn/sitemap.xml</loc></sitemap>
<sitemap><loc>https://baomau.vn/sitemaps/a.xml.gz</loc><lastmod>2026-07-01</lastmod></sitemap>
</sitemapindex>"""
PREFIX = "https://baomau.vn/sitemaps/"


def read(body, *, since=None, url=URL, **limits):
    body = body if isinstance(body, bytes) else body.encode()
    return read_sitemap(body, url=url, source=SOURCE, limits=LinkLimits(**limits), since=since)


def code(body, **options):
    with pytest.raises(RejectArticle) as caught:
        read(body, **options)
    assert URL in caught.value.message
    return caught.value.code


def names(found):
    return [link.url.rpartition("/")[2].partition(".")[0] for link in found.links]


def urlset(number):
    rows = (f"<url><loc>https://baomau.vn/tin-{n}.html</loc><lastmod>2024-06-18</lastmod></url>" for n in range(number))
    return f"<urlset>{''.join(rows)}</urlset>"


def test_a_news_sitemap_gives_the_newest_first():
    found = read(NEWS)
    assert found.children == ()
    assert names(found) == ["doi-3", "moi-2", "cu-1", "khong-ngay-4"]
    assert found.links[2] == Link(
        url="https://baomau.vn/cu-1.html",
        title="Tin cũ & ngắn",
        published_at=datetime(2024, 6, 17, 1, tzinfo=UTC),
        language="vi",
        source="bao-mau",
        found_in=URL,
    )


def test_a_change_is_no_publication_and_a_picture_no_article():
    published = {link.url: link.published_at for link in read(NEWS).links}
    assert published["https://baomau.vn/doi-3.html"] is None
    assert published["https://baomau.vn/moi-2.html"] == datetime(2024, 6, 17, 17, tzinfo=UTC)
    assert {link.title for link in read(NEWS).links} == {"Tin cũ & ngắn", None}
    assert not any(".jpg" in url for url in published)


@pytest.mark.parametrize(
    ("since", "kept"),
    [
        (datetime(2024, 6, 17, 1, tzinfo=UTC), ["doi-3", "moi-2", "cu-1", "khong-ngay-4"]),
        (datetime(2024, 6, 17, 2, tzinfo=UTC), ["doi-3", "moi-2", "khong-ngay-4"]),
        (datetime(2025, 1, 1, tzinfo=UTC), ["khong-ngay-4", "moi-2"]),
    ],
)
def test_what_is_known_to_be_old_is_left_out(since, kept):
    assert names(read(NEWS, since=since)) == kept


def test_an_index_leads_to_the_newest_first():
    children = [child.removeprefix(PREFIX) for child in read(INDEX).children]
    assert children == ["b.xml.gz", "a.xml.gz", "google-news.xml", "news-2026-10.xml", "news-2026-6.xml"]
    assert read(INDEX).links == ()
    assert len(read(INDEX, max_children=2).children) == 2
    later = read(INDEX, since=datetime(2026, 7, 15, tzinfo=UTC)).children
    assert [child.removeprefix(PREFIX) for child in later][:2] == ["b.xml.gz", "google-news.xml"]


def test_packed_sitemaps():
    assert read(gzip.compress(NEWS.encode())) == read(NEWS)
    assert code(gzip.compress(b"<urlset>" + b" " * 2_000_000), max_sitemap_bytes=1_000_000) == "too_large"
    assert code(b"x" * 101, max_sitemap_bytes=100) == "too_large"
    assert code(b"\x1f\x8b and then nothing") == "malformed_sitemap"
    assert names(read(gzip.compress(urlset(2_000).encode())[:-400]))


def test_lists_and_feeds_are_sitemaps_too():
    assert names(read("\ufeffhttps://baomau.vn/a-1.html\n\nhttps://baomau.vn/b-2.html\nhttps://khac.vn/c\n")) == [
        "a-1",
        "b-2",
    ]
    rss = "<rss version='2.0'><channel><item><link>https://baomau.vn/a-1.html</link></item></channel></rss>"
    assert names(read(rss)) == ["a-1"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(encoding):
    assert read(NEWS.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding)) == read(NEWS)


def test_prefixes_and_namespaces_do_not_matter():
    row = "<s:url><s:loc>https://baomau.vn/a</s:loc></s:url>"
    assert names(read(f"<s:urlset xmlns:s='http://www.google.com/schemas/sitemap/0.84'>{row}</s:urlset>")) == ["a"]


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ("not_a_sitemap", "<!DOCTYPE html><html><body><p>404</p></body></html>"),
        ("not_a_sitemap", "<opml><body/></opml>"),
        ("not_a_sitemap", "Không tìm thấy trang"),
        ("not_a_sitemap", ""),
        ("malformed_sitemap", "<urlset><url><loc>https://baomau.vn/a"),
        ("malformed_sitemap", "<"),
        ("malformed_sitemap", "<urlset><url>&nope;</url></urlset>"),
        (
            "unsafe_xml",
            "<!DOCTYPE u [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&x;</loc></url></urlset>",
        ),
        ("unsafe_xml", "<!DOCTYPE u [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>"),
    ],
)
def test_what_is_no_sitemap_is_told_apart(expected, body):
    assert code(body) == expected


def test_what_costs_too_much_is_not_parsed():
    assert code(NEWS, max_sitemap_tags=10) == "too_many_tags"


def test_an_empty_sitemap_is_no_mistake():
    assert read("<urlset/>") == read("<sitemapindex/>") == LinkList()


def test_a_sitemap_that_is_cut_off_gives_what_is_whole():
    found = read(urlset(9)[:-60])
    assert sorted(names(found)) == [f"tin-{n}" for n in range(8)]
    assert found.damage and "not well-formed" in found.damage
    in_the_address = urlset(9)[: urlset(9).index("tin-8") + 3]
    assert sorted(names(read(in_the_address))) == [f"tin-{n}" for n in range(8)]


def test_bare_ampersands_and_unknown_entities_lose_no_entry():
    broken = urlset(9).replace("tin-3.html", "tin-3.html?a=1&b=2").replace("</url>", "<x>&nope;</x></url>", 1)
    found = read(broken)
    assert sorted(names(found)) == [f"tin-{n}" for n in range(9)]
    assert found.damage and found.entries == 9


def test_every_entry_is_a_link_or_counted():
    found = read(NEWS, since=datetime(2024, 6, 17, 2, tzinfo=UTC))
    assert found.dropped == (("elsewhere", 1), ("no_address", 1), ("repeated", 1), ("too_old", 1))
    assert (found.entries, len(found.links)) == (7, 3)
    assert read(urlset(30), max_links=10).dropped == (("over_limit", 20),)
    index = read(INDEX, since=datetime(2026, 7, 15, tzinfo=UTC), max_children=2)
    assert dict(index.dropped) == {"elsewhere": 1, "no_address": 1, "repeated": 1, "too_old": 2, "over_limit": 2}
    assert index.entries == 9


def test_relative_addresses_belong_to_the_host_of_the_sitemap():
    assert names(read("<urlset><url><loc>/tin/a.html</loc></url><url><loc>b.html</loc></url></urlset>")) == ["a", "b"]
    index = (
        "<sitemapindex><sitemap><loc>/maps/1.xml</loc></sitemap><sitemap><loc>http://[</loc></sitemap></sitemapindex>"
    )
    assert read(index).children == ("https://baomau.vn/maps/1.xml",)


def test_other_outlets_do_not_crowd_out_the_own_articles():
    foreign = "<url><loc>https://khac.vn/{}</loc><lastmod>2024-06-20</lastmod></url>"
    rows = "".join(foreign.format(n) for n in range(50))
    found = read(urlset(3).replace("<urlset>", "<urlset>" + rows), max_links=5)
    assert (len(found.links), dict(found.dropped)) == (3, {"elsewhere": 50})


def test_nesting_and_outside_types_are_harmless(monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("opened a socket"))
    assert code("<urlset>" + "<a>" * 100_000) == "malformed_sitemap"
    outside = f"<!DOCTYPE urlset SYSTEM 'http://127.0.0.1:9/x.dtd'>{urlset(1)}"
    assert names(read(outside)) == ["tin-0"]


MEMORY = """
import resource
from samples import SOURCE
from schemas.settings import LinkLimits
from tasks.read.links.sitemaps import read_sitemap

row = "<url><loc>https://baomau.vn/tin-%d.html</loc><lastmod>2024-06-18</lastmod>" + "<image><loc>x</loc></image>" * 3
body = ("<urlset>" + "".join(row % n + "</url>" for n in range(30_000)) + "</urlset>").encode()
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
found = read_sitemap(body, url="https://baomau.vn/s.xml", source=SOURCE, limits=LinkLimits(max_links=10))
assert len(found.links) == 10
assert peak() - before < 3 * len(body), (peak() - before, len(body))
"""


def test_a_sitemap_of_the_largest_size_needs_little_memory():
    tests = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])}
    run = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr


MARKUP = st.sampled_from(
    ["<urlset>", "</urlset>", "<url>", "</url>", "<loc>", "</loc>", "<sitemapindex>", "<sitemap>", "</sitemap>",
     "&amp;", "<lastmod>2024-06-18</lastmod>", "&x;", "https://baomau.vn/a", "<news:news>", "<![CDATA[", "]]>",
     "<!--", "-->", "\0", "ấ", "http://[", "<rss>", "<item>", "<:"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.binary(max_size=300) | st.lists(MARKUP, max_size=40).map(lambda parts: "".join(parts).encode()))
def test_any_bytes_give_a_sitemap_or_a_reject(body):
    for packed in (body, gzip.compress(body)):
        try:
            found = read(packed)
        except RejectArticle as reject:
            assert reject.code and reject.message
        else:
            assert all("baomau.vn" in url for url in (*found.children, *(link.url for link in found.links)))
