from datetime import date

import pytest
from source_files import FULL, PLAIN

from schemas.errors import StopFlow
from schemas.sources import OutletPhrase, Politeness
from tasks.read.sources.source_file import read_source_file


def test_a_short_file_is_enough(write):
    source = read_source_file(write(PLAIN))
    assert (source.id, source.name, source.kind) == ("bao-mau", "Báo Mẫu", "national")
    assert (source.feeds, source.sitemaps) == (("https://rss.baomau.example/home.rss",), ())
    assert (source.timezone, source.date_order) == ("Asia/Ho_Chi_Minh", "dmy")
    assert source.politeness == Politeness(seconds_between_requests=2.0, connections=1)
    assert (source.phrases, source.selectors, source.checked, source.note) == ((), (), None, "Made up.")


def test_every_key_arrives(write):
    source = read_source_file(write(FULL))
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
    ("wrong", "key", "words"),
    [
        ('colour = "red"', "colour", "unknown key"),
        ('name = ""', "name", "is empty"),
        ("name = 5", "name", "is not text"),
        ('language = "vie"', "language", "does not look like"),
        ('country = "vn"', "country", "does not look like"),
        ('kind = "tabloid"', "kind", "is not one of 'national', 'party'"),
        ("kind = []", "kind", "is not one of"),
        ('homepage = "ftp://www.baomau.example"', "homepage", "not an http or https address"),
        ('homepage = "https://khac.example"', "homepage", "none of the hosts"),
        ('hosts = ["www.baomau.example"]', "hosts, entry 1", "without www."),
        ('hosts = "baomau.example"', "hosts", "is not a list"),
        ('feeds = ["https://baomau.example.com/rss"]', "feeds", "add its host"),
        ('feeds = ["https://notbaomau.example/rss"]', "feeds", "add its host"),
        ('feeds = ["file:///etc/passwd"]', "feeds", "not an http or https address"),
        ("feeds = [5]", "feeds, entry 1", "is not text"),
        ("feeds = []", "feeds", "neither feeds nor sitemaps"),
        ('sitemaps = ["https://rss.baomau.example/home.rss"]', "feeds", "is listed twice"),
        ('timezone = "Asia/Nowhere"', "timezone", "is not a time zone"),
        ('timezone = "../../etc/passwd"', "timezone", "is not a time zone"),
        ('date_order = "ymd"', "date_order", "is not one of 'dmy' or 'mdy'"),
        ('checked = "2026-01-31"', "checked", "without quotation marks"),
        ("checked = 2026-01-31T10:00:00", "checked", "is not a day"),
        ("politeness = 5", "politeness", "is not a table"),
        ("politeness = { seconds_between_requests = -1 }", "politeness: seconds_between_requests", "is too small"),
        ("politeness = { connections = true }", "politeness: connections", "is not a whole number"),
        ("politeness = { speed = 1 }", "politeness: speed", "unknown key"),
        ("line = 5", "line", "is not a list"),
        ("line = [5]", "line, entry 1", "is not a table"),
        ('line = [{ kind = "promo", pattern = "(" }]', "line, entry 1: pattern", "is not a regular expression"),
        ('line = [{ kind = "ad", pattern = "x" }]', "line, entry 1: kind", "is not one of"),
        ('line = [{ pattern = "x" }]', "line", "has no `kind`"),
        ('line = [{ kind = "promo" }]', "line, entry 1: pattern", "missing"),
        ("selectors = [{ }]", "selectors, entry 1: since", "is missing"),
        ('selectors = [{ since = 2024-01-01, body = "div[" }]', "selectors, entry 1: body", "no CSS selector"),
        ('selectors = [{ since = 2024-01-01, body = "p:no-such" }]', "selectors, entry 1: body", "no CSS selector"),
        ('selectors = [{ since = 2024-01-01, body = "//p[" }]', "selectors, entry 1: body", "no XPath"),
        ('selectors = [{ since = 2024-01-01, body = "//p[nothing()]" }]', "selectors, entry 1: body", "no XPath"),
        ('selectors = [{ since = 2024-01-01 }, { since = 2024-01-01 }]', "selectors", "must grow"),
    ],
)  # fmt: skip
def test_a_mistake_stops_the_flow_and_names_file_and_key(write, wrong, key, words):
    lines = [line for line in PLAIN.splitlines() if line.split(" =")[0] != wrong.split(" =")[0]]
    with pytest.raises(StopFlow) as caught:
        read_source_file(write("\n".join([*lines, wrong])))
    assert str(caught.value).partition(".toml: ")[2].startswith(f"{key}: ")
    assert "bao-mau.toml" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("key", ["name", "language", "country", "kind", "homepage", "hosts", "feeds", "note"])
def test_what_must_be_there_is_asked_for(write, key):
    text = "\n".join(line for line in PLAIN.splitlines() if not line.startswith(f"{key} ="))
    with pytest.raises(StopFlow, match=r"bao-mau\.toml: \w+: "):
        read_source_file(write(text))


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", None])
def test_a_file_that_is_no_toml_stops_the_flow(tmp_path, content):
    path = tmp_path / "bao-mau.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StopFlow, match=r"bao-mau\.toml"):
        read_source_file(path)


def test_a_file_name_must_be_an_id(write):
    with pytest.raises(StopFlow, match="file name"):
        read_source_file(write(PLAIN, "Báo Mẫu"))
