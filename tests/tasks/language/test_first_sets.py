"""First characters of patterns, and that looking only where a match can begin loses none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds import SEEDS
from tasks.language.cascade import _find_matches, class_string, possible_rules
from tasks.language.first_sets import first_characters, needed_characters
from tasks.language.pack import load_pack, pack_codes
from tasks.language.tokens import shape_words


@pytest.mark.parametrize(
    ("pattern", "first"),
    [
        ("ab", "a"),
        ("a?b", "ab"),
        ("(?:a|b)c", "abc"[:2]),
        ("(?P<x>a*)[bc]", "abc"),
        ("(?<=z)a", "a"),
        ("(?!z)(?:a{1,3})b", "a"),
    ],
)
def test_the_characters_a_match_can_begin_with(pattern, first):
    assert first_characters(pattern) == frozenset(first)


@pytest.mark.parametrize("pattern", [".a", "[^a]b", r"\w", "[a-z]"])
def test_a_pattern_that_may_begin_with_nearly_anything_is_left_alone(pattern):
    assert first_characters(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("ab?[cd]", ["a", "cd"]),
        ("(?:x?a|b+c)", ["ab"]),
        ("(?:a|b?)c", ["c"]),
        ("(?P<x>ab){2,3}", ["a", "b"]),
        ("(?<=a)b(?=c)(?!d)(?<!e)", ["a", "b", "c"]),
        ("a*b?", []),
        ("[^a].", []),
        ("aa", ["a"]),
    ],
)
def test_the_characters_a_match_cannot_do_without(pattern, needs):
    assert needed_characters(pattern) == tuple(map(frozenset, needs))


WORDS = (
    "Ngày 5/6 hôm qua Ngoại trưởng Áo Jonas Weber và bà Lena Huber , . : gặp tại Bern tháng 7 năm 2020",
    "Bộ Tài chính",
)


@given(st.lists(st.sampled_from(" ".join(WORDS).split()), max_size=40))
def test_no_match_of_any_rule_is_lost(words):
    text = " ".join(words)
    for code in pack_codes(SEEDS):
        pack = load_pack(SEEDS, code)
        tokens = pack.lexicon.apply(shape_words(text, 0, len(text), pack.syllable))
        string, kinds = class_string(tokens), {token.kind for token in tokens}
        for rule in pack.rules:
            expected = [m.span() for m in rule.pattern.finditer(string) if m.end() > m.start()]
            assert [m.span() for m in _find_matches(rule.pattern, string)] == expected
            assert not expected or possible_rules([rule], kinds)


def test_a_rule_of_every_language_is_sped_up():
    for code in pack_codes(SEEDS):
        rules = load_pack(SEEDS, code).rules
        assert any(first_characters(rule.pattern.pattern) for rule in rules)
        assert all(isinstance(rule.pattern, re.Pattern) for rule in rules)
