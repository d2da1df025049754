"""No regular expression takes more than linear time, whatever the text: seeds, modules and functions."""

import re
import sys

import pytest
from patterns.collect import Named, collect_patterns, made_patterns
from patterns.growth import find_fast_growth

from tasks.language.cascade import class_pattern

PATTERNS = collect_patterns()
MAKERS = {
    "tasks.clean.address_dates": "patterns of sources, which are collected",
    "tasks.clean.boilerplate": "patterns of seeds, which are collected",
    "tasks.clean.characters": "one set of marks",
    "tasks.clean.mojibake": "one set of letters, which the module holds compiled",
    "tasks.lake.query.filesystem": "fnmatch.translate, which gives atomic groups",
    "tasks.language.cascade": "patterns of seeds, which are collected, and one set of classes",
    "tasks.language.quotation_marks": "one set of marks",
    "tasks.language.pack": "the syllable of seeds, which is collected",
    "tasks.language.rule_files": "one name of a macro",
    "tasks.language.tokens": "the pack's syllable, which is collected",
    "tasks.clean.feed_dates": "words for hours and zones, which the module holds compiled",
    "tasks.read.sources.source_file": "checks what `tasks.clean.address_dates` compiles",
    "tasks.seed_files": "checks what `tasks.clean.boilerplate` compiles",
    "tasks.topics.context_cues": "a list of words, which a module holds compiled",
}
"""Modules that put patterns together while they run, and why those are looked at or need not be."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends searches with signals")


@pytest.mark.parametrize("named", PATTERNS, ids=[named.name for named in PATTERNS])
def test_time_grows_no_faster_than_the_text(named: Named) -> None:
    assert find_fast_growth(named) is None


def test_patterns_of_every_kind_are_collected() -> None:
    names = [named.name for named in PATTERNS]
    for part in ("vi/rules.toml", "en/events.toml", "vi/boilerplate.toml", "tasks.language.tokens"):
        assert any(name.startswith(part) for name in names), part
    assert len(names) > 250


def test_every_module_that_makes_patterns_is_known() -> None:
    assert made_patterns() <= MAKERS.keys()


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (r"^(?:[>*]+ ?)*read more", "takes over"),
        (r"(?:a|aa)+$", "takes over"),
        (r"\s+$", "times as long"),
        (r"\d+[.]\d", "times as long"),
        (r"^.*a.*b", "times as long"),
        (r"<b>.*</b>", "times as long"),
    ],
)
def test_a_bad_pattern_is_found(pattern: str, told: str) -> None:
    assert told in str(find_fast_growth(Named("planted", re.compile(pattern))))


def test_a_bad_pattern_over_classes_is_found() -> None:
    phrases = class_pattern("(?P<speaker>PERSON) (?:ADV|(?:AT|WITH)[^COMMA CUE]{1,9})* CUE")
    assert "takes over" in str(find_fast_growth(Named("planted", phrases)))


@pytest.mark.parametrize("pattern", [r"^(?:[>*] ?)*+read more", r"[^\S ]\s*| \s+", r"\w+(?:['’]\w+)*", r"a{1,40}b"])
def test_a_good_pattern_is_none(pattern: str) -> None:
    assert find_fast_growth(Named("planted", re.compile(pattern))) is None
