"""What a careful person would ask of the watched sources. No address is fetched here."""

import re
import unicodedata
from datetime import date

import pytest

from seeds import SEEDS
from tasks.clean.blocks import line_kind, prefix_end, suffix_start
from tasks.clean.boilerplate import load_boilerplate, with_hints
from tasks.clean.characters import clean_line
from tasks.language.folding import fold
from tasks.language.pack import pack_codes
from tasks.read.sources.catalogue import SOURCES, hints_for, load_sources

ALL = load_sources(SOURCES)
PHRASES = [pytest.param(source, phrase, id=source.id) for source in ALL for phrase in source.phrases]


def pack_of(source):
    return with_hints(load_boilerplate(source.language), hints_for(source, date(2026, 1, 1)))


def test_the_catalogue_covers_outlets_of_every_kind() -> None:
    vietnamese = [source for source in ALL if source.language == "vi"]
    assert len(vietnamese) >= 16
    assert {source.kind for source in vietnamese} >= {
        "national", "party", "government", "army", "agency",
        "broadcaster", "diplomatic", "business", "local", "foreign",
    }  # fmt: skip


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.id)
def test_a_source_says_where_its_addresses_are_from(source) -> None:
    assert source.checked or "not fetched from here" in (source.note or "").lower()
    assert unicodedata.is_normalized("NFC", source.name)
    assert source.language in pack_codes(SEEDS)
    assert source.politeness.seconds_between_requests >= 1
    assert len(set(source.hosts)) == len(source.hosts)


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.id)
def test_addresses_hold_nothing_that_names_a_reader(source) -> None:
    for url in (source.homepage, *source.feeds, *source.sitemaps):
        assert re.fullmatch(r"https://[a-z0-9.-]+(/[\w./-]*)?", url, re.ASCII), url


@pytest.mark.parametrize(("source", "phrase"), PHRASES)
def test_a_phrase_fires_in_its_examples_only(source, phrase) -> None:
    assert phrase.examples and phrase.counterexamples
    for example in phrase.examples:
        assert clean_line(example) == example
        assert re.search(phrase.pattern, fold(example)), example
    for example in phrase.counterexamples:
        assert not re.search(phrase.pattern, fold(example)), example


@pytest.mark.parametrize(("source", "phrase"), PHRASES)
def test_a_phrase_is_needed_and_works(source, phrase) -> None:
    """The language's own boilerplate does not know it yet, and with the outlet's it is what it should be."""
    mine, language = pack_of(source), load_boilerplate(source.language)
    for example in phrase.examples:
        match phrase.table:
            case "line":
                assert line_kind(example, language) != line_kind(example, mine) == phrase.kind
            case "prefix":
                assert prefix_end(example, mine) and example[prefix_end(example, mine)].isupper()
            case "suffix":
                assert suffix_start(example, language) == len(example)
                assert example[suffix_start(example, mine) :].strip().startswith("(")
    if phrase.table == "prefix":
        assert any(prefix_end(example, language) != prefix_end(example, mine) for example in phrase.examples)


def test_every_file_of_the_folder_is_a_source_or_the_readme() -> None:
    assert {path.name for path in SOURCES.iterdir()} == {"README.md", *(f"{source.id}.toml" for source in ALL)}
