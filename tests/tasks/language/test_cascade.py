"""Every rule of every language pack on the sentences beside it; and what the cascade does to any tokens at all."""

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import ARTICLE
from schemas.articles import Block
from schemas.document import Token
from seeds import SEEDS
from tasks.language.cascade import Rule, apply_rules, class_pattern, class_string
from tasks.language.notation import describe_tokens, spell_pattern
from tasks.language.pack import load_pack, pack_codes
from tasks.language.phrase_lists import read_phrases
from tasks.language.rule_files import RuleSeed, read_rules
from tasks.language.tokens import shape_words
from tasks.mentions.annotate import annotate
from tasks.mentions.features import leaves

CODES = pack_codes(SEEDS)
RULE_FILES = ("rules.toml", "events.toml")
PUBLISHED = datetime(2024, 6, 1, tzinfo=UTC)
SHAPES = """
    CAP FOREIGN INITIAL LOW NUM DM DMY DMRANGE DRANGE MY YEAR
    COMMA COLON SEMI STOP OPEN CLOSE DASH SLASH HYPHEN MARK QUOTE
"""


@dataclass(frozen=True)
class Case:
    """One sentence of a rule, its «…» taken out: `span` is where they stood."""

    code: str
    number: int
    seed: RuleSeed
    text: str
    span: tuple[int, int]

    def __str__(self):
        return f"{self.code}-{self.seed.rule.name}-{self.text}"


def case(code, number, seed, sentence):
    before, _, rest = sentence.partition("«")
    marked, _, after = rest.partition("»")
    return Case(code, number, seed, before + marked + after, (len(before), len(before) + len(marked)))


def cases(file, sentences):
    return [
        case(code, number, seed, sentence)
        for code in CODES
        for number, seed in enumerate(read_rules(SEEDS / "languages" / code / file))
        for sentence in getattr(seed, sentences)
    ]


def article(text, code):
    return replace(
        ARTICLE,
        published_at=PUBLISHED,
        language=code,
        text=text,
        blocks=(Block("body", 0, len(text)),),
        fetched_at=PUBLISHED,
    )


@pytest.mark.parametrize(
    ("code", "file", "seed"),
    [
        pytest.param(code, file, seed, id=f"{code}-{file}-{seed.rule.name}")
        for code in CODES
        for file in RULE_FILES
        for seed in read_rules(SEEDS / "languages" / code / file)
    ],
)
def test_every_rule_has_sentences_for_and_against(code, file, seed):
    assert seed.examples
    assert seed.counterexamples
    assert all(re.search("«.+»", example) for example in seed.examples)


# ── rules.toml ───────────────────────────────────────────────────────────────────────────────────────────────────


def reading(case):
    """What a failure has to show: the sentence as classes, and the pattern in their names."""
    sentences = annotate(article(case.text, case.code)).sentences
    tokens = "\n".join(describe_tokens(sentence.tokens, case.text) for sentence in sentences)
    return f"\n{case.text}\n{tokens}\npattern: {spell_pattern(case.seed.rule.pattern.pattern)}"


def made_by(case):
    """Spans of the tokens that the rule makes, in the cascade up to and including it."""
    pack = load_pack(SEEDS, case.code)
    tokens = pack.lexicon.apply(shape_words(case.text, 0, len(case.text), pack.syllable))
    after = apply_rules(tokens, pack.rules[: case.number + 1])
    return [(token.start, token.end) for token in after if token.rule == case.seed.rule.name]


@pytest.mark.parametrize("case", cases("rules.toml", "examples"), ids=str)
def test_a_rule_makes_what_its_example_marks(case):
    assert made_by(case) == [case.span], reading(case)


@pytest.mark.parametrize("case", cases("rules.toml", "counterexamples"), ids=str)
def test_a_rule_makes_nothing_of_its_counterexample(case):
    assert made_by(case) == [], reading(case)


# ── events.toml ──────────────────────────────────────────────────────────────────────────────────────────────────


def told_by(case):
    """Spans of the words of meeting (of the members, where the pattern is about those) in the sentence."""
    pattern = case.seed.rule.pattern
    group = "event" if "event" in pattern.groupindex else "members"
    spans = []
    for sentence in annotate(article(case.text, case.code)).sentences:
        for match in pattern.finditer(class_string(sentence.tokens)):
            told = sentence.tokens[match.start(group) : match.end(group)]
            spans.append((told[0].start, told[-1].end))
    return spans


@pytest.mark.parametrize("case", cases("events.toml", "examples"), ids=str)
def test_an_event_pattern_finds_the_word_its_example_marks(case):
    assert case.span in told_by(case), reading(case)


@pytest.mark.parametrize("case", cases("events.toml", "counterexamples"), ids=str)
def test_an_event_pattern_finds_nothing_in_its_counterexample(case):
    assert told_by(case) == [], reading(case)


# ── classes ──────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def made_classes(code):
    """Every token class that can occur in a text of the language."""
    pack = load_pack(SEEDS, code)
    listed = {phrase.token_class for phrase in (*read_phrases(SEEDS / "languages" / code), *pack.places.phrases)}
    return {*SHAPES.split(), "SURNAME", *listed, *(rule.makes for rule in pack.rules)}


@pytest.mark.parametrize(("code", "file"), [(code, file) for code in CODES for file in RULE_FILES])
def test_patterns_name_only_classes_that_exist(code, file):
    seeds = tomllib.loads((SEEDS / "languages" / code / file).read_text(encoding="utf-8"))
    macros = seeds.get("macros", {})
    patterns = " ".join([*macros.values(), *(rule["pattern"] for rule in seeds["rule"])])
    assert set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", patterns)) - set(macros) - made_classes(code) == set()


# ── any tokens ───────────────────────────────────────────────────────────────────────────────────────────────────


def row(kinds):
    return [Token(kind, 2 * at, 2 * at + 1) for at, kind in enumerate(kinds)]


def test_later_rules_see_what_earlier_ones_made():
    rules = [
        Rule("name", "NAME", class_pattern("CAP+")),
        Rule("person", "PERSON", class_pattern("(?P<role>TITLE) (?P<name>NAME)"), value="v"),
    ]
    title, first, last, verb = row(["TITLE", "CAP", "CAP", "LOW"])
    (person, after) = apply_rules([title, first, last, verb], rules)
    assert (person.kind, person.value, person.rule, person.start, person.end) == ("PERSON", "v", "person", 0, 5)
    assert person.group("role") == (title,)
    assert person.group("name")[0].parts == (first, last)
    assert after is verb


def test_a_group_that_took_no_part_is_empty():
    (token,) = apply_rules(row(["A1"]), [Rule("r", "MADE", class_pattern("A1 (?P<b>B1)?"))])
    assert token.group("b") == ()
    assert token.group("nowhere") == ()


def test_a_pattern_that_matches_nothing_at_all_changes_nothing():
    tokens = row(["A1", "B1"])
    assert apply_rules(tokens, [Rule("r", "MADE", class_pattern("C1*"))]) == tokens


@pytest.mark.parametrize("code", CODES)
@given(data=st.data())
def test_rules_keep_order_and_words_of_any_tokens(code, data):
    kinds = st.sampled_from(sorted(made_classes(code)))
    tokens = row(data.draw(st.lists(kinds, max_size=40)))
    after = apply_rules(tokens, load_pack(SEEDS, code).rules)
    assert [leaf for token in after for leaf in leaves(token)] == tokens
    assert all(
        token.start == token.parts[0].start and token.end == token.parts[-1].end for token in after if token.parts
    )
    assert all(0 <= first <= last <= len(token.parts) for token in after for _, first, last in token.groups)
