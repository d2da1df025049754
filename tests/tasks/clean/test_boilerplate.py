"""Every entry of every boilerplate.toml fires in its examples and keeps away from its counter-examples."""

import tomllib

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.clean import boilerplate
from tasks.clean.blocks import line_kind, prefix_end, suffix_start
from tasks.clean.boilerplate import load_boilerplate
from tasks.clean.bylines import find_wire
from tasks.clean.characters import clean_line
from tasks.clean.publication_dates import read_stamp
from tasks.language.folding import fold

LANGUAGES = sorted(path.parent.name for path in SEEDS.glob("languages/*/boilerplate.toml"))
KEYS = {"kind", "pattern", "name", "examples", "counterexamples", "gives"}


def entries(*tables):
    return [
        pytest.param(load_boilerplate(code), phrase, id=f"{code}-{table}-{number}")
        for code in LANGUAGES
        for table in tables
        for number, phrase in enumerate(getattr(load_boilerplate(code), table), 1)
    ]


@pytest.mark.parametrize(("pack", "phrase"), entries("line", "prefix", "suffix", "marker", "stamp", "wire", "element"))
def test_an_entry_fires_in_its_examples_only(pack, phrase):
    assert phrase.examples
    for example in phrase.examples:
        assert clean_line(example) == example
        assert phrase.pattern.search(fold(example)), example
    for example in phrase.counterexamples:
        assert not phrase.pattern.search(fold(example)), example


@pytest.mark.parametrize(("pack", "phrase"), entries("line"))
def test_no_other_entry_takes_a_line_away(pack, phrase):
    assert [line_kind(example, pack) for example in phrase.examples] == [phrase.kind] * len(phrase.examples)
    assert [line_kind(example, pack) for example in phrase.counterexamples] == [None] * len(phrase.counterexamples)


@pytest.mark.parametrize(("pack", "phrase"), entries("prefix"))
def test_a_tag_ends_before_the_sentence(pack, phrase):
    for example in phrase.examples:
        assert 0 < prefix_end(example, pack) < len(example)
        assert example[prefix_end(example, pack)].isupper()
    assert [prefix_end(example, pack) for example in phrase.counterexamples] == [0] * len(phrase.counterexamples)


@pytest.mark.parametrize(("pack", "phrase"), entries("suffix"))
def test_a_credit_begins_after_the_sentence(pack, phrase):
    for example in phrase.examples:
        assert example[suffix_start(example, pack) :].strip().startswith("(")


@pytest.mark.parametrize(("pack", "phrase"), entries("stamp"))
def test_a_stamp_gives_its_date(pack, phrase):
    stamps = [read_stamp(example, pack) for example in phrase.examples]
    assert [stamp and stamp.isoformat(timespec="minutes") for stamp in stamps] == list(phrase.gives)


@pytest.mark.parametrize(("pack", "phrase"), entries("wire"))
def test_a_credit_names_its_agency(pack, phrase):
    assert [find_wire([example], pack) for example in phrase.examples] == [phrase.name] * len(phrase.examples)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_key_is_misspelt(code):
    data = tomllib.loads((SEEDS / "languages" / code / "boilerplate.toml").read_text("utf-8"))
    tables = {
        name: entries for name, entries in data.items() if isinstance(entries, list) and name in boilerplate._TABLES
    }
    assert data.keys() - tables.keys() <= {"timezone", "end_marks", "byline_openers", "name_joiners", "months"}
    assert all(entry.keys() <= KEYS for entries in tables.values() for entry in entries)


NAMED = 'timezone = "UTC"\nend_marks = []\nbyline_openers = []\nname_joiners = []\n'


@pytest.mark.parametrize(
    "content",
    [
        None,
        "timezone = ",
        'timezone = "UTC"',
        NAMED.replace("UTC", "Nowhere"),
        NAMED + '[[line]]\nkind = "ad"\npattern = "x"',
        NAMED + '[[marker]]\npattern = "("',
    ],
)
def test_a_broken_file_stops_the_flow_and_says_which(tmp_path, monkeypatch, content):
    monkeypatch.setattr(boilerplate, "SEEDS", tmp_path)
    path = tmp_path / "languages" / "xx" / "boilerplate.toml"
    if content is not None:
        path.parent.mkdir(parents=True)
        path.write_text(content)
    with pytest.raises(StopFlow, match=r"xx.boilerplate\.toml"):
        load_boilerplate.__wrapped__("xx")
