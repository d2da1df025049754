import asyncio
import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest

from outlet.clock import NOON
from outlet.faults import FAULTS
from outlet.replies import Reply, gzipped, html, page, redirect, status_page
from schemas.errors import StopFlow
from schemas.fetching import Fetched, HostPace, Later, NotModified, Refused, Validators
from schemas.settings import FetchSettings
from tasks.read.web import Fetcher

HOST = "o1.outlet.test"
ROOT = Path(__file__).parents[4]
ENDLESS = {
    "stall": {"read_timeout_seconds": 0.2},
    "silent": {"read_timeout_seconds": 0.2},
    "drip": {"total_timeout_seconds": 0.5},
    "drip-head": {"total_timeout_seconds": 0.5},
}
"""The bound that ends what never ends."""


@pytest.fixture
def site(outlet):
    return outlet.site(HOST, stories=3)


def test_an_article_comes_with_all_that_is_known_of_it(site, fetch):
    found = fetch(site.url("/tin/bai-1.html#binh-luan"))
    assert isinstance(found, Fetched)
    assert found.url == site.url("/tin/bai-1.html#binh-luan")
    assert found.final_url == site.url("/tin/bai-1.html")
    assert (found.status, found.content_type, found.charset) == (200, "text/html", "utf-8")
    assert "Lâm Vĩnh An" in found.body.decode()
    assert found.last_modified == "Tue, 12 Mar 2024 02:15:00 GMT"
    assert found.fetched_at == NOON
    assert dict(found.headers)["etag"] == found.etag
    assert (found.facts.attempts, found.facts.redirects, found.facts.status) == (1, 0, 200)
    assert (found.facts.robots, found.facts.wire_bytes) == ("allowed", len(found.body))


OUTCOMES = {
    "redirect-loop": (Refused, "redirect_loop", 1),
    "redirect-loop-back": (Refused, "redirect_loop", 1),
    "redirect-chain/5": (Fetched, None, 1),
    "redirect-chain/6": (Refused, "too_many_redirects", 1),
    "redirect-loopback": (Refused, "not_public_address", 1),
    "redirect-metadata": (Refused, "not_public_address", 1),
    "redirect-scheme": (Refused, "unsupported_scheme", 1),
    "redirect-nowhere": (Refused, "bad_redirect", 1),
    "redirect-punycode": (Refused, "bad_url", 1),
    "refresh-header": (Fetched, None, 1),
    "refresh-meta": (Fetched, None, 1),
    "refresh-later": (Fetched, None, 1),
    "refresh-loop/a": (Refused, "redirect_loop", 1),
    "odd-charset": (Fetched, None, 1),
    "two-types": (Fetched, None, 1),
    "no-packing": (Fetched, None, 1),
    "gzip-but-plain": (Fetched, None, 1),
    "tiny-chunks": (Refused, "tiny_chunks", 1),
    "interim": (Refused, "too_many_interim", 1),
    "hints-then-200": (Fetched, None, 1),
    "long-chunk-names": (Refused, "too_large", 1),
    "304": (Refused, "http_304", 1),
    "401": (Refused, "http_401", 1),
    "402": (Refused, "http_402", 1),
    "403": (Refused, "http_403", 1),
    "404": (Refused, "http_404", 1),
    "410": (Refused, "gone", 1),
    "451": (Refused, "http_451", 1),
    "429": (Later, "http_429", 1),
    "429-then-200": (Fetched, None, 2),
    "500": (Later, "http_500", 2),
    "500-then-200": (Fetched, None, 2),
    "503-then-200": (Later, "http_503", 2),
    "reset": (Later, "connection_lost", 2),
    "reset-then-200": (Fetched, None, 2),
    "cut": (Later, "connection_lost", 2),
    "stall": (Later, "timeout", 2),
    "drip": (Later, "timeout", 2),
    "silent": (Later, "timeout", 2),
    "drip-head": (Later, "timeout", 2),
    "truncated-gzip": (Refused, "broken_encoding", 1),
    "damaged-gzip": (Refused, "broken_encoding", 1),
    "gzip-bomb": (Refused, "decompression_bomb", 1),
    "large": (Refused, "too_large", 1),
    "large-announced": (Refused, "too_large", 1),
    "brotli": (Refused, "broken_encoding", 1),
    "wrong-type": (Refused, "wrong_content_type", 1),
    "no-type": (Fetched, None, 1),
    "wrong-charset": (Fetched, None, 1),
    "windows-1258": (Fetched, None, 1),
    "utf-16": (Fetched, None, 1),
    "no-http": (Later, "connection_lost", 2),
}


@pytest.mark.parametrize("fault", OUTCOMES)
def test_every_fault_has_its_outcome(site, fetch, fault):
    found = fetch(site.url(f"/fault/{fault}"), attempts=2, **ENDLESS.get(fault, {}))
    assert (type(found), getattr(found, "code", None), found.facts.attempts) == OUTCOMES[fault]


def test_no_fault_is_left_out():
    assert {fault.partition("/")[0] for fault in OUTCOMES} == {*FAULTS}


def test_every_code_is_documented():
    listed = re.findall(r"`(\w+)`", (ROOT / "docs/outcomes.md").read_text(encoding="utf-8"))
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tasks/read").rglob("*.py"))
    raised = re.findall(r'(?:RejectArticle|RetryLater|ListFailure)\(\s*"(\w+)"|code="(\w+)"|code = "(\w+)"', source)
    assert {code for codes in raised for code in codes if code} - {*listed} == set()
    assert {code for _, code, _ in OUTCOMES.values() if code} - {*listed} == set()


def test_large_bodies_are_left_where_the_bound_is(site, fetch):
    assert fetch(site.url("/fault/large-announced")).facts.wire_bytes == 0
    assert fetch(site.url("/fault/large"), max_wire_bytes=100_000).facts.wire_bytes < 200_000
    assert fetch(site.url("/fault/gzip-bomb"), max_body_bytes=1_000_000).facts.wire_bytes < 200_000


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/feed.xml", "application/rss+xml"),
        ("/atom.xml", "application/atom+xml"),
        ("/sitemap.xml", "application/xml"),
        ("/sitemap.xml.gz", "application/x-gzip"),
    ],
)
def test_feeds_and_sitemaps(site, fetch, path, content_type):
    found = fetch(site.url(path), "feed")
    assert isinstance(found, Fetched)
    assert found.content_type == content_type
    assert found.body.startswith(b"<?xml")
    assert found.body.count(site.url("/tin/bai-").encode()) >= 3
    assert fetch(site.url(path), "article").code == "wrong_content_type"


def test_a_page_is_no_feed_and_a_gzip_file_may_be_a_bomb(site, fetch):
    site.pages["/logo.png"] = page(b"\x89PNG", "image/png")
    assert fetch(site.url("/logo.png"), "feed").code == "wrong_content_type"
    site.pages["/bomb.xml.gz"] = page(gzip.compress(bytes(1_000_000)), "application/gzip")
    assert fetch(site.url("/bomb.xml.gz"), "feed", max_body_bytes=100_000).code == "decompression_bomb"


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "text/plain", "binary/octet-stream", "x/y"])
def test_a_feed_may_come_under_any_name_of_text(site, fetch, kind):
    site.pages["/rss"] = page("<rss/>", kind)
    assert isinstance(fetch(site.url("/rss"), "feed"), Refused if kind == "x/y" else Fetched)


def test_a_page_that_sends_its_readers_on_is_a_redirect(site, fetch):
    for fault in ("refresh-header", "refresh-meta"):
        found = fetch(site.url(f"/fault/{fault}"))
        assert (found.final_url, found.facts.redirects) == (site.url("/fault/no-type"), 1)
    assert fetch(site.url("/fault/refresh-later")).final_url == site.url("/fault/refresh-later")


@pytest.mark.parametrize("place", ["article", "feed", "robots"])
def test_a_redirect_to_a_host_that_cannot_be_costs_that_link_alone(site, fetch, place):
    bad = redirect("http://xn--a/")
    if place == "robots":
        site.robots = bad
    else:
        site.pages["/x"] = bad
    found = fetch(site.url("/x"), "feed" if place == "feed" else "article")
    assert found.code == ("robots_unavailable" if place == "robots" else "bad_url")


def test_what_nobody_foresaw_costs_one_link(site, fetch, monkeypatch):
    async def fail(*_, **__):
        raise LookupError("odd")

    monkeypatch.setattr(Fetcher, "_read_document", fail)
    found = fetch(site.url("/tin/bai-1.html"))
    assert (found.code, found.message.endswith("LookupError: odd")) == ("fetch_failed", True)


def test_an_unchanged_answer_renews_its_validators(site, fetch):
    site.pages["/x"] = Reply(status=304, headers={"ETag": '"new"'})
    found = fetch(site.url("/x"), validators=Validators(etag='"old"'))
    assert (found.etag, found.last_modified) == ('"new"', None)


def test_compressed_answers_are_unfolded(site, fetch):
    site.pages["/packed"] = gzipped(html("<p>Hội đàm</p>" * 1_000))
    found = fetch(site.url("/packed"))
    assert found.body.decode() == "<p>Hội đàm</p>" * 1_000
    assert found.facts.wire_bytes < 1_000
    assert site.visits[-1].headers["accept-encoding"] == "gzip, deflate"


# Who we are, and what we keep.


def test_we_say_who_we_are_and_bring_nothing_along(site, fetch, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.pages["/a"] = Reply(status=302, headers={"Location": "/tin/bai-0.html", "Set-Cookie": "a=b; Path=/"})
    assert isinstance(fetch(site.url("/a")), Fetched)
    assert {visit.headers["user-agent"] for visit in site.visits} == {"Parley/0.1.0 (+tests@outlet.test)"}
    assert site.paths() == ["/robots.txt", "/a", "/tin/bai-0.html"]
    assert {*site.visits[-1].headers} == {"host", "user-agent", "accept", "accept-encoding"}


@pytest.mark.parametrize("contact", ["", "  ", "me\r\nX: y", "tòa soạn", "a) b"])
def test_without_a_contact_nothing_is_asked(contact):
    with pytest.raises(StopFlow, match="contact"):
        Fetcher(FetchSettings(contact=contact))


def test_settings_that_make_no_sense_stop_the_run(tmp_path):
    with pytest.raises(StopFlow, match="allow-host"):
        Fetcher(FetchSettings(contact="x", allowed_hosts=("*",)))
    for wrong in ({"attempts": 0}, {"concurrency": 0}, {"max_redirects": -1}, {"interval_seconds": float("nan")}):
        with pytest.raises(StopFlow, match=next(iter(wrong))):
            Fetcher(FetchSettings(contact="x", **wrong))
    (tmp_path / "ca.pem").write_text("no certificate")
    for ca_file in ("ca.pem", "none.pem"):
        with pytest.raises(StopFlow, match="ca_file"):
            Fetcher(FetchSettings(contact="x", ca_file=str(tmp_path / ca_file)))


def test_what_is_known_is_not_sent_again(site, fetch):
    first = fetch(site.url("/tin/bai-1.html"))
    for known in (
        Validators(etag=first.etag, last_modified=first.last_modified),
        Validators(etag=first.etag),
        Validators(last_modified=first.last_modified),
    ):
        again = fetch(site.url("/tin/bai-1.html"), validators=known)
        assert isinstance(again, NotModified)
        assert (again.facts.status, again.facts.wire_bytes) == (304, 0)
    assert isinstance(fetch(site.url("/tin/bai-1.html"), validators=Validators(etag='"old"')), Fetched)


def test_a_feed_that_grew_is_sent_again(site, fetch):
    first = fetch(site.url("/feed.xml"), "feed")
    known = Validators(etag=first.etag, last_modified=first.last_modified)
    assert isinstance(fetch(site.url("/feed.xml"), "feed", validators=known), NotModified)
    site.publish(1)
    again = fetch(site.url("/feed.xml"), "feed", validators=known)
    assert site.url("/tin/bai-3.html").encode() in again.body


@pytest.mark.parametrize("etag", ["a\r\nX: y", "\x00", "é", "\ud800"])
def test_validators_that_no_header_can_hold_are_left_out(site, fetch, etag):
    assert isinstance(fetch(site.url("/tin/bai-1.html"), validators=Validators(etag=etag)), Fetched)
    assert "if-none-match" not in site.visits[-1].headers


# Redirects.


def test_redirects_lead_to_other_hosts_whose_robots_txt_counts(outlet, site, fetch):
    other = outlet.site("o2.outlet.test", stories=2)
    site.pages["/old"] = redirect(other.url("/tin/bai-1.html"), 301)
    found = fetch(site.url("/old"))
    assert (found.final_url, found.facts.redirects) == (other.url("/tin/bai-1.html"), 1)
    other.robots = "User-agent: *\nDisallow: /tin/\n"
    refused = fetch(site.url("/old"))
    assert (refused.code, refused.facts.robots) == ("robots_disallowed", "disallowed")
    assert other.paths() == ["/robots.txt", "/tin/bai-1.html", "/robots.txt"]


def test_a_redirect_to_a_host_that_nobody_vouches_for_asks_nothing_of_it(outlet, site, fetch):
    async def resolver(host, port):
        return ["127.0.0.1"]

    inner = outlet.site("intranet.outlet.test", stories=1)
    site.pages["/in"] = redirect("http://intranet.outlet.test/tin/bai-0.html")
    refused = fetch(site.url("/in"), allowed_hosts=outlet.allowed_hosts[:1], resolver=resolver)
    assert (refused.code, inner.visits) == ("not_public_address", [])
    port = fetch(inner.url("/tin/bai-0.html"), allowed_hosts=outlet.allowed_hosts[:1], resolver=resolver)
    assert (port.code, inner.visits) == ("bad_port", [])


# Trying again.


def test_a_pause_that_is_asked_for_is_waited_for(site, fetch, clock):
    found = fetch(site.url("/fault/429-then-200"))
    assert isinstance(found, Fetched)
    assert (clock.slept, found.facts.waited_seconds, found.facts.attempts) == ([7], 7, 2)


def test_a_longer_pause_than_we_wait_is_put_off_for_the_whole_host(site, settings, clock):
    async def both():
        async with Fetcher(settings(), clock=clock) as fetcher:
            first = await fetcher.fetch(site.url("/fault/429"), "article")
            return first, await fetcher.fetch(site.url("/tin/bai-0.html"), "article")

    first, second = asyncio.run(both())
    assert (first.code, second.code) == ("http_429", "host_paused")
    assert first.retry_at == second.retry_at == NOON + timedelta(hours=1)
    assert site.paths() == ["/robots.txt", "/fault/429"]
    assert clock.slept == []


def test_tries_grow_apart_and_end(site, fetch, clock):
    found = fetch(site.url("/fault/500"), attempts=4, backoff_seconds=1, max_backoff_seconds=3)
    assert (found.code, found.facts.attempts, found.facts.status) == ("http_500", 4, 500)
    assert clock.slept == [1, 2, 3]
    assert found.retry_at == NOON + timedelta(seconds=6 + 3)


def test_a_host_that_dies_in_the_middle_is_not_asked_for_every_page(site, settings, clock):
    for story in site.publish(50):
        site.pages[story.path] = FAULTS["reset"]

    async def run():
        async with Fetcher(settings(failures_before_pause=6), clock=clock) as fetcher:
            await fetcher.fetch(site.url("/tin/bai-0.html"), "article")
            return [await fetcher.fetch(site.url(story.path), "article") for story in site.stories[3:]]

    found = asyncio.run(run())
    assert [one.code for one in found] == ["connection_lost", *["host_paused"] * 49]
    assert len(site.paths("/tin")) == 1 + 6


# robots.txt.


@pytest.mark.parametrize(
    ("robots", "outcome", "verdict"),
    [
        ("User-agent: *\nDisallow: /tin/", "robots_disallowed", "disallowed"),
        ("User-agent: *\nDisallow: /admin/", Fetched, "allowed"),
        (None, Fetched, "none"),
        (status_page(403), Fetched, "none"),
        (status_page(500), "robots_unavailable", "unavailable"),
        (status_page(429), "robots_unavailable", "unavailable"),
        (FAULTS["reset"], "robots_unavailable", "unavailable"),
        (FAULTS["truncated-gzip"], "robots_unavailable", "unavailable"),
        (FAULTS["stall"], "robots_unavailable", "unavailable"),
        (redirect("/fault/redirect-chain/4"), Fetched, "allowed"),
        (redirect("/fault/redirect-chain/9"), Fetched, "none"),
        (redirect("http://169.254.169.254/robots.txt"), "robots_unavailable", "unavailable"),
        (redirect("ftp://tin.vn/robots.txt"), "robots_unavailable", "unavailable"),
        (FAULTS["redirect-nowhere"], Fetched, "none"),
        (Reply(status=204), Fetched, "none"),
    ],
)
def test_robots_txt_decides(site, fetch, robots, outcome, verdict):
    site.robots = robots
    found = fetch(site.url("/tin/bai-1.html"), attempts=2, read_timeout_seconds=0.5)
    assert getattr(found, "code", type(found)) == outcome
    assert found.facts.robots == verdict
    assert ("/tin/bai-1.html" in site.paths()) == (outcome is Fetched)


def test_robots_txt_is_asked_for_once_a_day_and_failing_every_ten_minutes(site, settings, clock):
    async def run():
        async with Fetcher(settings(attempts=1), clock=clock) as fetcher:

            async def read():
                return (await fetcher.fetch(site.url("/tin/bai-1.html"), "article")).facts.robots

            verdicts = await asyncio.gather(read(), read(), read())
            clock.pass_by(86_000)
            verdicts.append(await read())
            site.robots = status_page(500)
            for pause in (401, 599, 2):
                clock.pass_by(pause)
                verdicts.append(await read())
            site.robots = None
            clock.pass_by(600)
            return [*verdicts, await read()]

    assert asyncio.run(run()) == ["allowed"] * 4 + ["unavailable"] * 3 + ["none"]
    assert len(site.paths("/robots.txt")) == 4


def test_what_follows_five_hundred_kibibytes_of_robots_txt_is_not_read(site, fetch):
    site.robots = "User-agent: *\nDisallow: /tin/\n" + "#" * 512_000 + "\nAllow: /tin/bai-1\n"
    assert fetch(site.url("/tin/bai-1.html")).code == "robots_disallowed"


def test_a_crawl_delay_longer_than_our_own_interval_wins_up_to_a_bound(site, settings, clock):
    async def run(path, pace=None, **more):
        async with Fetcher(settings(**more), clock=clock) as fetcher:
            await fetcher.fetch(site.url("/tin/bai-0.html"), "article", pace=pace)
            clock.slept.clear()
            return (await fetcher.fetch(site.url("/tin/bai-1.html"), "article", pace=pace)).facts

    def waits(**more):
        facts = asyncio.run(run("/tin/bai-1.html", **more))
        return facts.waited_seconds, facts.crawl_delay_seconds

    assert waits(interval_seconds=2) == (2, None)
    site.robots = "User-agent: *\nCrawl-delay: 5\n"
    assert waits(interval_seconds=2) == (5, 5)
    assert waits(interval_seconds=9) == (9, 5)
    assert waits(interval_seconds=2, max_crawl_delay_seconds=3) == (3, 5)
    assert waits(interval_seconds=2, pace=HostPace(interval_seconds=8)) == (8, 5)
    assert waits(interval_seconds=2, pace=HostPace(interval_seconds=1)) == (5, 5)


# The way in.


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("http://127.0.0.1/", "not_public_address"),
        ("http://[::1]/", "not_public_address"),
        ("http://[::ffff:127.0.0.1]/", "not_public_address"),
        ("http://2130706433/", "not_public_address"),
        ("http://inside.test/", "not_public_address"),
        ("http://mixed.test/", "not_public_address"),
        ("http://localhost/", "not_public_address"),
        ("http://unknown.test/", "dns_failed"),
        ("http://nowhere.test/", "connect_failed"),
        ("http://" + "a" * 64 + ".test/", "bad_url"),
        ("http://tin.vn:8080/", "bad_port"),
        ("file:///etc/passwd", "unsupported_scheme"),
        ("http://user@tin.vn/", "bad_url"),
        ("nonsense", "bad_url"),
    ],
)
def test_links_that_lead_nowhere_we_may_go(outlet, fetch, link, code):
    async def resolver(host, port):
        known = {"inside.test": ["10.0.0.5"], "mixed.test": ["8.8.8.8", "fd00::1"], "localhost": ["127.0.0.1"]}
        host.encode("idna")
        if host == "unknown.test":
            raise OSError("Name or service not known")
        return known.get(host, [])

    assert fetch(link, resolver=resolver, attempts=1).code == code
