from dataclasses import replace
from datetime import UTC, datetime

import pytest

from outlet.feeds import slow_author
from samples import SOURCE
from schemas.fetching import Fetched, FetchFacts, Later, NotModified, Refused
from schemas.links import LinkList
from schemas.settings import LinkLimits
from tasks.pool import WorkerPool
from tasks.read.lists import (
    ListDocument,
    ListFailure,
    has_changed,
    parse_document,
    parse_in_workers,
    read_answer,
    usable_validators,
)

URL = "https://baomau.vn/rss"
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
FACTS = FetchFacts(
    attempts=1, redirects=0, status=200, robots="none", crawl_delay_seconds=None, waited_seconds=0.0, wire_bytes=9
)
ITEM = "<item><link>https://baomau.vn/{}</link></item>"


def feed(*names, more=""):
    return f"<rss version='2.0'><channel>{''.join(map(ITEM.format, names))}{more}</channel></rss>".encode()


def document(body, *, since=None, **limits):
    return ListDocument(body=body, url=URL, source=SOURCE, limits=LinkLimits(**limits), since=since)


def answer(body, etag='"1"', last_modified=None):
    return Fetched(
        url=URL,
        final_url=URL,
        status=200,
        headers=(),
        body=body,
        content_type="text/xml",
        charset=None,
        etag=etag,
        last_modified=last_modified,
        fetched_at=NOW,
        facts=FACTS,
    )


def unchanged(etag=None, last_modified=None):
    return NotModified(url=URL, etag=etag, last_modified=last_modified, facts=FACTS)


def read(outcome, before=None, parse=parse_document, since=None):
    return read_answer(outcome, lambda body: document(body, since=since), parse, source="bao-mau", before=before)


def fail_to_parse(_):
    pytest.fail("parsed what is as it was")


def test_a_new_feed_gives_its_links_and_a_row():
    row, found = read(answer(feed("a", "b")))
    assert [link.url for link in found.links] == ["https://baomau.vn/a", "https://baomau.vn/b"]
    assert (row.kind, row.state, row.code, row.etag, row.input) == ("feed", "fetched", None, '"1"', URL)
    assert has_changed(row, None)


def test_a_feed_that_is_as_it_was_is_not_parsed_again():
    before, _ = read(answer(feed("a"), etag='"1"'))
    row, found = read(answer(feed("a"), etag='"1"'), before, fail_to_parse)
    assert (found, has_changed(row, before)) == (LinkList(), False)


def test_the_validators_of_the_newest_answer_count():
    before, _ = read(answer(feed("a"), etag='"1"'))
    row, _ = read(answer(feed("a"), etag='"2"'), before, fail_to_parse)
    assert has_changed(row, before)
    assert usable_validators(row).etag == '"2"'


def test_an_unchanged_answer_keeps_what_is_known_and_takes_new_validators():
    before, _ = read(answer(feed("a"), etag='"1"', last_modified="Thu, 05 Mar 2026 12:00:00 GMT"))
    same, _ = read(unchanged(), before)
    assert not has_changed(same, before)
    renewed, found = read(unchanged(etag='"2"'), before)
    assert (renewed.state, renewed.etag, renewed.last_modified) == ("unchanged", '"2"', before.last_modified)
    assert (renewed.body_sha256, found) == (before.body_sha256, LinkList())
    assert has_changed(renewed, before)
    assert not has_changed(read(unchanged(etag='"2"'), renewed)[0], renewed)


@pytest.mark.parametrize(
    "body", [b"<html><p>moved</p></html>", b"", b"<rss><channel><item><link>https://khac.vn/</link>"]
)
def test_a_feed_that_could_not_be_read_is_read_again_though_it_is_as_it_was(body):
    before, found = read(answer(body))
    assert (before.state, found) == ("rejected", LinkList())
    assert usable_validators(before) is None
    again, _ = read(answer(body), before)
    assert (again.state, again.code) == (before.state, before.code)
    assert not has_changed(again, before)


def test_dropped_entries_are_told_and_stay_told():
    row, found = read(answer(feed("a", more="<item><link>https://khac.vn/x</link></item><item/>")))
    assert (row.state, row.code, len(found.links)) == ("fetched", "entries_dropped", 1)
    assert "of 3 entries these gave no link: 1 elsewhere, 1 no_address" in row.message
    again, _ = read(answer(feed("a", more="<item><link>https://khac.vn/x</link></item><item/>")), row, fail_to_parse)
    assert (again.code, again.message) == (row.code, row.message)
    assert not has_changed(read(unchanged(), row)[0], row)


def test_repeated_entries_are_no_loss():
    assert read(answer(feed("a", "a")))[0].code is None


def test_a_repaired_document_says_so():
    row, _ = read(answer(feed("a", "b").replace(b"/a", b"/a?x=1&y=2")))
    assert row.code == "entries_dropped" and "not well-formed" in row.message


def test_an_index_is_always_read_whole():
    body = b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap></sitemapindex>"
    row, found = read(answer(body), since=NOW)
    assert found.children == ("https://baomau.vn/1.xml",)
    assert (row.etag, row.body_sha256) == (None, None)
    again, found = read(answer(body), row, since=NOW)
    assert found.children and not has_changed(again, row)


@pytest.mark.parametrize(
    "outcome",
    [
        Refused(url=URL, code="http_404", message="no", facts=FACTS),
        Later(url=URL, code="timeout", message="no", retry_at=NOW, facts=FACTS),
    ],
)
def test_a_failure_is_a_row_with_its_code(outcome):
    row, found = read(outcome)
    assert (row.code, found, usable_validators(row)) == (outcome.code, LinkList(), None)


def test_whatever_a_document_brings_about_is_a_value(monkeypatch):
    monkeypatch.setattr("tasks.read.lists.read_feed", lambda *_, **__: 1 / 0)
    failure = parse_document(document(feed("a")))
    assert isinstance(failure, ListFailure)
    assert (failure.code, "ZeroDivisionError" in failure.message) == ("feed_failed", True)


def test_a_feed_that_takes_too_long_costs_itself_only():
    slow = slow_author([], lambda path: f"https://baomau.vn{path}").body
    with WorkerPool(1, memory_bytes=2_000_000_000, preload=["tasks.read.lists"]) as pool:
        parse = parse_in_workers(pool)
        failure = parse(document(slow, parse_timeout_seconds=1.0))
        assert isinstance(failure, ListFailure) and failure.code == "feed_timeout"
        assert len(parse(document(feed("a"))).links) == 1


def test_messages_hold_no_control_characters():
    row, _ = read(Refused(url=URL, code="x", message="a\x1b[2J\ud800", facts=FACTS))
    assert row.message == "a\\x1b[2J\\ud800"
    row, _ = read(replace(answer(b"<\x1b>")))
    assert "\x1b" not in row.message
