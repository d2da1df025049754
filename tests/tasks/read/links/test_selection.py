from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import SOURCE
from schemas.errors import RejectArticle
from schemas.links import Link, LinkList
from schemas.rejects import Reject
from schemas.settings import LinkLimits
from tasks.clean.identity import article_id
from tasks.read.links.selection import link_id, read_link, read_url_list, select_links

LIST = b"""\xef\xbb\xbf# b\xc3\xa1o m\xe1\xba\xabu
https://baomau.vn/tin-1.html?utm_source=x#top

   https://khac.vn/tin-2.html   # ghi ch\xc3\xba
#https://baomau.vn/tin-3.html
http://baomau.vn/tin-1.html
ftp://baomau.vn/tin-4.html\r
hai t\xe1\xbb\xab
\xff\xfe
https://baomau.vn/tin-5.html#/anh-2
"""


def read(body, **limits):
    return list(read_url_list(body, name="urls.txt", sources=[SOURCE], limits=LinkLimits(**limits)))


def link(url):
    return Link(url=url, found_in="x")


def test_a_list_gives_links_and_a_reject_for_each_bad_line():
    found = read(LIST)
    assert [item for item in found if isinstance(item, Link)] == [
        Link(url="https://baomau.vn/tin-1.html", source="bao-mau", found_in="urls.txt:2"),
        Link(url="https://khac.vn/tin-2.html", source=None, found_in="urls.txt:4"),
        Link(url="https://baomau.vn/tin-5.html", source="bao-mau", found_in="urls.txt:10"),
    ]
    rejects = [item for item in found if isinstance(item, Reject)]
    assert [(reject.input, reject.stage, reject.code) for reject in rejects] == [
        (f"urls.txt:{number}", "read", "bad_link") for number in (7, 8, 9)
    ]
    assert all(reject.message.startswith(reject.input) for reject in rejects)


def test_an_empty_list_is_no_mistake():
    assert read(b"") == read(b"# nothing yet\n\n") == []


def test_a_list_that_is_too_large_is_one_reject():
    (reject,) = read(b"https://baomau.vn/a\n" * 10, max_list_bytes=100)
    assert (reject.code, reject.input) == ("too_large", "urls.txt")


def test_a_long_line_is_named_shortly():
    (reject,) = read(b"x" * 100_000)
    assert len(reject.message) < 400


def test_one_link():
    assert read_link(" https://BaoMau.vn/a?fbclid=1 ", sources=[SOURCE], found_in="command line") == Link(
        url="https://baomau.vn/a", source="bao-mau", found_in="command line"
    )
    with pytest.raises(RejectArticle, match="not an http or https address"):
        read_link("baomau.vn", sources=[SOURCE], found_in="command line")


def test_a_link_has_the_id_of_its_article():
    assert link_id(link("https://baomau.vn/a")) == article_id("https://baomau.vn/a", "the text does not matter")


def test_links_worth_following():
    links = [
        link("https://baomau.vn/1"),
        link("https://khac.vn/2"),
        link("http://baomau.vn/1"),
        link("https://tin.baomau.vn/3"),
        link("https://baomau.vn/4"),
    ]
    kept = select_links(iter(links), source=SOURCE, most=2)
    assert kept.links == (links[0], links[3])
    assert kept.dropped == (("elsewhere", 1), ("over_limit", 1), ("repeated", 1))
    assert select_links(links, source=replace(SOURCE, hosts=("khac.vn",)), most=9).links == (links[1],)
    assert select_links([], source=SOURCE, most=2) == LinkList()


def test_an_entry_without_an_address_is_counted():
    found = select_links([None, link("https://baomau.vn/1"), None], source=SOURCE, most=9)
    assert (found.dropped, found.entries) == ((("no_address", 2),), 3)


def test_a_password_in_a_line_is_not_printed():
    (reject,) = read(b"https://lan:bimat@baomau.vn/a")
    assert reject.code == "bad_link" and "bimat" not in reject.message


@given(st.binary(max_size=200))
def test_any_bytes_give_links_or_rejects(body):
    assert all(isinstance(item, Link | Reject) for item in read(body))
