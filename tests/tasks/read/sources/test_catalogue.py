from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schemas.articles import Page, Sidecar
from schemas.errors import StopFlow
from schemas.sources import OutletPhrase, PageHints, Politeness
from tasks.read.sources.catalogue import find_source, hinted, hints_for, is_allowed, load_source, load_sources

PLAIN = """
name = "Báo Mẫu"
language = "vi"
country = "VN"
kind = "national"
homepage = "https://www.baomau.example"
hosts = ["baomau.example"]
feeds = ["https://rss.baomau.example/home.rss"]
note = "Made up."
"""
FULL = f"""{PLAIN}
sitemaps = ["https://baomau.example/news.xml"]
timezone = "Europe/Paris"
date_order = "mdy"
checked = 2026-01-31

[politeness]
seconds_between_requests = 0.5
connections = 3

[[line]]
kind = "promo"
pattern = '^mua báo$'
examples = ["Mua báo"]

[[prefix]]
pattern = '^bm ?- ?'
examples = ["BM - Tin."]
counterexamples = ["BM đưa tin."]

[[selectors]]
since = 2020-01-01
body = "div.old"

[[selectors]]
since = 2024-06-01
body = "article > div.new"
title = "h1.headline"
published = "//time/@datetime"
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="bao-mau"):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_short_file_is_enough(write):
    source = load_source(write(PLAIN))
    assert (source.id, source.name, source.kind) == ("bao-mau", "Báo Mẫu", "national")
    assert (source.feeds, source.sitemaps) == (("https://rss.baomau.example/home.rss",), ())
    assert (source.timezone, source.date_order) == ("Asia/Ho_Chi_Minh", "dmy")
    assert source.politeness == Politeness(seconds_between_requests=2.0, connections=1)
    assert (source.phrases, source.selectors, source.checked, source.note) == ((), (), None, "Made up.")


def test_every_key_arrives(write):
    source = load_source(write(FULL))
    assert (source.timezone, source.date_order, source.checked) == ("Europe/Paris", "mdy", date(2026, 1, 31))
    assert source.politeness == Politeness(seconds_between_requests=0.5, connections=3)
    assert source.phrases == (
        OutletPhrase(table="line", kind="promo", pattern="^mua báo$", examples=("Mua báo",)),
        OutletPhrase(
            table="prefix",
            kind="dateline",
            pattern="^bm ?- ?",
            examples=("BM - Tin.",),
            counterexamples=("BM đưa tin.",),
        ),
    )
    assert [one.since.year for one in source.selectors] == [2020, 2024]
    assert source.selectors[1].published == "//time/@datetime"


@pytest.mark.parametrize(
    ("fetched", "body"),
    [
        (date(2026, 1, 1), "article > div.new"),
        (date(2024, 6, 1), "article > div.new"),
        (date(2024, 5, 31), "div.old"),
        (date(2019, 12, 31), None),
    ],
)
def test_a_page_is_read_with_the_selectors_of_the_day_it_was_fetched(write, fetched, body):
    hints = hints_for(load_source(write(FULL)), fetched)
    assert (hints.selectors and hints.selectors.body) == body
    assert (hints.outlet, hints.timezone, hints.date_order, len(hints.phrases)) == ("Báo Mẫu", "Europe/Paris", "mdy", 2)


@pytest.mark.parametrize(
    ("wrong", "key", "words"),
    [
        ('colour = "red"', "colour", "unknown key"),
        ('name = ""', "name", "no text"),
        ("name = 5", "name", "no text"),
        ('language = "vie"', "language", "does not look like"),
        ('country = "vn"', "country", "does not look like"),
        ('kind = "tabloid"', "kind", "none of national, party"),
        ("kind = []", "kind", "none of"),
        ('homepage = "ftp://www.baomau.example"', "homepage", "no http or https address"),
        ('homepage = "https://khac.example"', "homepage", "none of the hosts"),
        ('hosts = ["www.baomau.example"]', "hosts", "does not look like"),
        ('hosts = "baomau.example"', "hosts", "no list"),
        ('feeds = ["https://baomau.example.com/rss"]', "feeds", "add its host"),
        ('feeds = ["https://notbaomau.example/rss"]', "feeds", "add its host"),
        ('feeds = ["file:///etc/passwd"]', "feeds", "no http or https address"),
        ("feeds = [5]", "feeds", "no text"),
        ("feeds = []", "feeds", "neither feeds nor sitemaps"),
        ('sitemaps = ["https://rss.baomau.example/home.rss"]', "feeds", "stands there twice"),
        ('timezone = "Asia/Nowhere"', "timezone", "no time zone"),
        ('timezone = "../../etc/passwd"', "timezone", "no time zone"),
        ('date_order = "ymd"', "date_order", "none of dmy, mdy"),
        ('checked = "2026-01-31"', "checked", "without quotation marks"),
        ("checked = 2026-01-31T10:00:00", "checked", "no day"),
        ("politeness = 5", "politeness", "no table"),
        ("politeness = { seconds_between_requests = -1 }", "politeness: seconds_between_requests", "no number"),
        ("politeness = { connections = true }", "politeness: connections", "no number"),
        ("politeness = { speed = 1 }", "politeness: speed", "unknown key"),
        ("line = 5", "line", "no list of tables"),
        ("line = [5]", "line", "no table"),
        ('line = [{ kind = "promo", pattern = "(" }]', "line: pattern", "no regular expression"),
        ('line = [{ kind = "ad", pattern = "x" }]', "line: kind", "none of"),
        ('line = [{ pattern = "x" }]', "line: kind", "none of"),
        ('line = [{ kind = "promo" }]', "line: pattern", "missing"),
        ("selectors = [{ }]", "selectors: since", "no day"),
        ('selectors = [{ since = 2024-01-01, body = "div[" }]', "selectors: body", "no CSS selector"),
        ('selectors = [{ since = 2024-01-01, body = "p:no-such-thing" }]', "selectors: body", "no CSS selector"),
        ('selectors = [{ since = 2024-01-01, body = "//p[" }]', "selectors: body", "no XPath"),
        ('selectors = [{ since = 2024-01-01, body = "//p[nothing()]" }]', "selectors: body", "no XPath"),
        ('selectors = [{ since = 2024-01-01 }, { since = 2024-01-01 }]', "selectors", "must grow"),
    ],
)  # fmt: skip
def test_a_mistake_stops_the_flow_and_names_file_and_key(write, wrong, key, words):
    lines = [line for line in PLAIN.splitlines() if line.split(" =")[0] != wrong.split(" =")[0]]
    with pytest.raises(StopFlow) as caught:
        load_source(write("\n".join([*lines, wrong])))
    assert str(caught.value).partition(".toml: ")[2].startswith(f"{key}: ")
    assert "bao-mau.toml" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("key", ["name", "language", "country", "kind", "homepage", "hosts", "feeds", "note"])
def test_what_must_be_there_is_asked_for(write, key):
    text = "\n".join(line for line in PLAIN.splitlines() if not line.startswith(f"{key} ="))
    with pytest.raises(StopFlow, match=r"bao-mau\.toml: \w+: "):
        load_source(write(text))


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", None])
def test_a_file_that_is_no_toml_stops_the_flow(tmp_path, content):
    path = tmp_path / "bao-mau.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StopFlow, match=r"bao-mau\.toml"):
        load_source(path)


def test_a_file_name_must_be_an_id(write):
    with pytest.raises(StopFlow, match="file name"):
        load_source(write(PLAIN, "Báo Mẫu"))


def test_any_folder_is_a_catalogue(write, tmp_path):
    write(PLAIN, "b")
    write(PLAIN.replace("baomau", "khac").replace("Báo Mẫu", "Báo Khác"), "a")
    (tmp_path / "notes.txt").write_text("not a source")
    assert [source.id for source in load_sources(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(("kept", "key"), [("Báo Mẫu", "name"), ("https://rss.baomau.example/home.rss", "feeds")])
def test_two_sources_share_neither_name_nor_feed(write, tmp_path, kept, key):
    write(PLAIN, "a")
    other = PLAIN.replace("Báo Mẫu", "Báo Khác").replace("home.rss", "khac.rss")
    write(other.replace("Báo Khác" if key == "name" else "https://rss.baomau.example/khac.rss", kept), "b")
    with pytest.raises(StopFlow, match=rf"b\.toml: {key}: .* in a\.toml already"):
        load_sources(tmp_path)


def test_an_empty_folder_is_no_catalogue(tmp_path):
    with pytest.raises(StopFlow, match="holds no sources"):
        load_sources(tmp_path)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://baomau.example/a", True),
        ("http://m.baomau.example:8080/a", True),
        ("https://BAOMAU.example/a", True),
        ("https://notbaomau.example/a", False),
        ("https://baomau.example.evil/a", False),
        ("https://baomau.example@evil.example/a", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_a_page_belongs_to_a_source_by_its_host(write, url, allowed):
    source = load_source(write(PLAIN))
    assert is_allowed(url, source) == allowed
    assert find_source(url, [source]) == (source if allowed else None)


def test_hints_of_a_plain_source_change_nothing_but_the_outlet(write):
    hints = hints_for(load_source(write(PLAIN)), date(2026, 1, 1))
    assert hints == PageHints(outlet="Báo Mẫu", timezone="Asia/Ho_Chi_Minh")


def test_a_page_gets_the_hints_of_its_host(write):
    sources = [load_source(write(FULL))]
    page = Page(
        input="a.html",
        media="html",
        body=b"x",
        sidecar=Sidecar(url="https://m.baomau.example/a"),
        fetched_at=datetime(2022, 5, 1, tzinfo=UTC),
    )
    assert hinted(page, sources).hints == hints_for(sources[0], date(2022, 5, 1))
    assert hinted(page, []) == page
    elsewhere = replace(page, sidecar=Sidecar(url=None))
    assert hinted(elsewhere, sources) == elsewhere
