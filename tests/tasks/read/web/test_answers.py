import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from outlet import Outlet
from outlet.replies import Reply
from schemas.errors import RejectArticle, RetryLater
from schemas.fetching import Fetched, Later, Refused
from schemas.settings import FetchSettings
from tasks.read.web import Fetcher
from tasks.read.web.answers import (
    check_content_type,
    check_status,
    content_type_of,
    meta_refresh,
    refresh_target,
)
from tasks.read.web.robots import parse_robots
from tasks.read.web.urls import follow

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def answer(status=200, **headers):
    request = httpx.Request("GET", "http://tin.vn/")
    return httpx.Response(status, headers={k.replace("_", "-"): v for k, v in headers.items()}, request=request)


@pytest.mark.parametrize("status", [200, 203])
def test_documents_pass(status):
    check_status(answer(status), NOW)


@pytest.mark.parametrize(
    "status", [100, 201, 202, 204, 206, 300, 304, 400, 401, 402, 403, 404, 405, 406, 418, 451, 499]
)
def test_what_is_no_document_is_refused_under_its_number(status):
    with pytest.raises(RejectArticle) as caught:
        check_status(answer(status), NOW)
    assert caught.value.code == f"http_{status}"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 599])
def test_what_may_pass_is_put_off_with_the_pause_asked_for(status):
    with pytest.raises(RetryLater) as caught:
        check_status(answer(status, retry_after="30"), NOW)
    assert (caught.value.code, caught.value.wait_seconds) == (f"http_{status}", 30)


def test_gone_is_gone():
    with pytest.raises(RejectArticle) as caught:
        check_status(answer(410), NOW)
    assert caught.value.code == "gone"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("text/html", ("text/html", None)),
        ("Text/HTML; Charset=UTF-8", ("text/html", "utf-8")),
        ('text/html;charset="windows-1258"; x=y', ("text/html", "windows-1258")),
        ("text/html; charset=", ("text/html", None)),
        ("", (None, None)),
        ("; charset=utf-8", (None, None)),
        ("text/html, text/html; charset=utf-8", ("text/html", "utf-8")),
        ("text/html; charset=utf-8, text/html", ("text/html", "utf-8")),
        ("text/html; charset=utf-8, text/plain", ("text/plain", None)),
        ("text/html; charset=utf-8, */*", ("text/html", "utf-8")),
        ('text/html; x="a, b"; charset=utf-8', ("text/html", "utf-8")),
        ("text/html; charset*=a; charset*0=b", ("text/html", None)),
    ],
)
def test_content_type_and_charset(header, found):
    assert content_type_of(answer(content_type=header)) == found


def test_an_unknown_type_passes_and_a_wrong_one_does_not():
    check_content_type(None, ("text/html",), "tin.vn")
    check_content_type("text/html", ("text/html",), "tin.vn")
    with pytest.raises(RejectArticle, match="application/pdf"):
        check_content_type("application/pdf", ("text/html",), "tin.vn")


def test_two_headers_count_as_one():
    headers = [("Content-Type", "text/html; charset=windows-1258"), ("Content-Type", "text/html")]
    assert content_type_of(httpx.Response(200, headers=headers)) == ("text/html", "windows-1258")


def test_a_star_stands_for_all_types_of_a_kind():
    check_content_type("text/x-rss", ("text/*",), "tin.vn")
    with pytest.raises(RejectArticle):
        check_content_type("texts/x", ("text/*",), "tin.vn")


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("0; url=https://tin.vn/a", "https://tin.vn/a"),
        ("0;URL='/a b'", "/a b"),
        ('5, url = "/a"', "/a"),
        ("0.5; url=/a", "/a"),
        ("11; url=/a", None),
        ("1800", None),
        ("0;", None),
        ("0; url=", None),
        ("url=/a", None),
        ("", None),
        (None, None),
    ],
)
def test_where_a_refresh_leads(header, target):
    assert refresh_target(header) == target


@pytest.mark.parametrize(
    ("page", "target"),
    [
        ('<meta http-equiv="refresh" content="0; url=/a?x=1&amp;y=2">', "/a?x=1&y=2"),
        ("<META content='0;url=/a' HTTP-EQUIV=Refresh>", "/a"),
        ('<noscript><meta http-equiv="refresh" content="0; url=/a"></noscript>', None),
        ('<!-- <meta http-equiv="refresh" content="0; url=/a"> -->', None),
        ('<script>s = \'<meta http-equiv="refresh" content="0; url=/a">\'</script>', None),
        ('<meta name="refresh" content="0; url=/a">', None),
        ('<meta http-equiv="refresh" content="600">', None),
        ("x" * 20_000 + '<meta http-equiv="refresh" content="0; url=/a">', None),
    ],
)
def test_where_a_page_leads(page, target):
    assert meta_refresh(page.encode()) == target


# Nothing that a host may send is too odd.


@given(st.binary(max_size=60))
@example(b"text/html; charset*=utf-8''%ff")
@example(b"text/html; charset*0=a; charset*1*=b")
def test_any_content_type_is_read(header):
    kind, charset = content_type_of(httpx.Response(200, headers=[(b"content-type", header)]))
    assert kind is None or isinstance(kind, str)
    assert charset is None or isinstance(charset, str)


@given(st.text(max_size=80))
def test_any_location_is_a_link_or_refused(location):
    try:
        assert follow(httpx.URL("http://tin.vn/a"), location)
    except RejectArticle as error:
        assert error.code == "bad_redirect"


LINES = st.sampled_from(
    ["User-agent: *", "Disallow: /", "Allow: ", "Crawl-delay:", "Sitemap: x", "Request-rate: 1/", "*$"]
)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.one_of(LINES, st.text(max_size=9))).map(lambda p: "\n".join(p).encode("utf-8", "surrogatepass")),
    )
)
def test_any_robots_txt_is_read(body):
    robots = parse_robots(body, host="tin.vn", max_crawl_delay_seconds=60)
    assert robots.verdict("http://tin.vn/a?b=%zz") in {"allowed", "disallowed"}


@pytest.fixture(scope="module")
def odd_outlet():
    with Outlet() as outlet:
        outlet.site("o1.outlet.test").robots = None
        yield outlet


HEADS = st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200\r\n", b"HTTP/1.1 302 X\r\nLocation: ", b"HTTP/2 200\r\n", b""]
)
FIELDS = [
    b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
]
FIELDS += [
    b"Content-Type: text/html\r\n",
    b"Retry-After: x\r\n",
    b"\r\n",
    b"5\r\nabcde\r\n",
    b"0\r\n\r\n",
    b"\x1f\x8b\x08",
    b": x\r\n",
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(HEADS, st.lists(st.one_of(st.sampled_from(FIELDS), st.binary(max_size=8)), max_size=8)))
@example((b"HTTP/1.1 200 OK\r\n", [b"X: " + b"x" * 200_000 + b"\r\n\r\n"]))
@example((b"HTTP/1.1 100 Continue\r\n\r\n" * 100, [b""]))
def test_whatever_a_server_sends_the_fetch_ends_in_a_value(odd_outlet, parts):
    site = odd_outlet.site("o1.outlet.test")
    site.pages["/odd"] = Reply(status=0, body=parts[0] + b"".join(parts[1]), ending="cut")
    chosen = FetchSettings(contact="x", interval_seconds=0, attempts=1, allowed_hosts=odd_outlet.allowed_hosts)

    async def run():
        async with Fetcher(chosen) as fetcher:
            return await fetcher.fetch(site.url("/odd"), "article")

    assert isinstance(asyncio.run(run()), Fetched | Refused | Later)
