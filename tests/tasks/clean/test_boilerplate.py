"""Every entry of every boilerplate.toml fires in its examples and keeps away from its counter-examples."""

import shutil

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


NAMED = "end_marks = []\nbyline_openers = []\nname_joiners = []\nchange_words = []\nno_authors = []\n"
ENTRY = '[[line]]\nkind = "promo"\npattern = "x"\nexamples = ["x"]\n'


def planted(folder, monkeypatch, content):
    """A folder of seeds with one language, whose boilerplate holds the content."""
    monkeypatch.setattr(boilerplate, "SEEDS", folder)
    language = folder / "languages" / "xx"
    language.mkdir(parents=True)
    shutil.copy(SEEDS / "languages" / "en" / "pack.toml", language)
    if content is not None:
        (language / "boilerplate.toml").write_text(content)


def test_a_file_as_described_is_read(tmp_path, monkeypatch):
    planted(tmp_path, monkeypatch, NAMED + ENTRY)
    (phrase,) = load_boilerplate.__wrapped__("xx").line
    assert (phrase.kind, phrase.pattern.pattern) == ("promo", "x")


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (None, "cannot be read"),
        ("end_marks = ", "is not a TOML file"),
        ("end_marks = []", "byline_openers: is missing"),
        (NAMED + ENTRY.replace("promo", "ad"), "line, entry 1: kind: 'ad' is not one of"),
        (NAMED + ENTRY.replace('"x"', '"("', 1), "line, entry 1: pattern: '\\(' is not a regular expression"),
        (NAMED + ENTRY.replace("[[line]]", "[[lines]]"), "lines: is an unknown key"),
        (NAMED + ENTRY.replace("kind", "kynd"), "kynd: is an unknown key"),
        (NAMED + "[months]\njanuary = 13", "months: january: 13 is too large"),
    ],
)
def test_a_broken_file_stops_the_flow_and_says_where(tmp_path, monkeypatch, content, mistake):
    planted(tmp_path, monkeypatch, content)
    with pytest.raises(StopFlow, match=rf"xx.boilerplate\.toml: .*{mistake}"):
        load_boilerplate.__wrapped__("xx")


def test_a_language_without_options_stops_the_flow(tmp_path, monkeypatch):
    monkeypatch.setattr(boilerplate, "SEEDS", tmp_path)
    with pytest.raises(StopFlow, match=r"pack\.toml: cannot be read"):
        load_boilerplate.__wrapped__("xx")
