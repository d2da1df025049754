from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from source_files import FULL, PLAIN

from schemas.articles import Page, Sidecar
from schemas.errors import StopFlow
from schemas.sources import PageHints
from tasks.read.sources.catalogue import find_source, hints_for, is_allowed, load_sources, with_source_hints
from tasks.read.sources.source_file import read_source_file


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
    hints = hints_for(read_source_file(write(FULL)), fetched)
    assert (hints.selectors and hints.selectors.body) == body
    assert (hints.outlet, hints.timezone, hints.date_order, len(hints.phrases)) == ("Báo Mẫu", "Europe/Paris", "mdy", 2)


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
    source = read_source_file(write(PLAIN))
    assert is_allowed(url, source) == allowed
    assert find_source(url, [source]) == (source if allowed else None)


def test_hints_of_a_plain_source_change_nothing_but_the_outlet(write):
    hints = hints_for(read_source_file(write(PLAIN)), date(2026, 1, 1))
    assert hints == PageHints(outlet="Báo Mẫu", timezone="Asia/Ho_Chi_Minh")


def test_a_page_gets_the_hints_of_its_host(write):
    sources = [read_source_file(write(FULL))]
    page = Page(
        input="a.html",
        media="html",
        body=b"x",
        sidecar=Sidecar(url="https://m.baomau.example/a"),
        fetched_at=datetime(2022, 5, 1, tzinfo=UTC),
    )
    assert with_source_hints(page, sources).hints == hints_for(sources[0], date(2022, 5, 1))
    assert with_source_hints(page, []) == page
    elsewhere = replace(page, sidecar=Sidecar(url=None))
    assert with_source_hints(elsewhere, sources) == elsewhere
