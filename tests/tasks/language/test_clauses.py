"""Clauses of sentences (cases in ``tests/cases/clauses.toml``), and of anything that tokens can be."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import ARTICLE
from schemas.articles import Block
from schemas.document import Token
from seeds import SEEDS
from tasks.language.classes import load_token_classes
from tasks.language.clauses import read_clauses
from tasks.language.pack import load_pack
from tasks.language.sentences import read_sentences

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "clauses.toml").read_text("utf-8"))["case"]
CLASSES = sorted(set(load_token_classes()) - {"BREAK"})


def described(text, tokens, clause):
    def words(stretch):
        return text[tokens[stretch[0]].start : tokens[stretch[1] - 1].end] if stretch else "-"

    subject = words(clause.subject) + ("*" if clause.shares_subject and clause.subject else "")
    verb = words((clause.verb, clause.verb + 1)) if clause.verb is not None else "-"
    mood = [" ".join(sorted(clause.modality))] if clause.modality else []
    return " | ".join([clause.kind, subject, verb, *mood])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']}: {case['name']}")
def test_the_clauses_of_a_sentence(case):
    text = case["text"]
    article = replace(ARTICLE, text=text, language=case["language"], blocks=(Block("body", 0, len(text)),))
    sentences = read_sentences(article, load_pack(SEEDS, case["language"]))
    told = [
        described(text, sentence.tokens, clause)
        for sentence in sentences
        for clause in read_clauses(sentence.tokens)
        if clause.verb is not None or clause.subject
    ]
    assert told == case["clauses"]


def row(kinds):
    return [Token(kind, 2 * at, 2 * at + 1, value="assert" if kind == "CUE" else "") for at, kind in enumerate(kinds)]


@given(st.lists(st.sampled_from(CLASSES), max_size=40))
def test_any_row_of_tokens_has_clauses_inside_it(kinds):
    clauses = read_clauses(row(kinds))
    for clause in clauses:
        assert 0 <= clause.start <= clause.end <= len(kinds)
        assert clause.parent is None or 0 <= clause.parent < len(clauses)
        for stretch in (clause.subject, clause.agent, clause.complement, *((a.start, a.end) for a in clause.adjuncts)):
            assert stretch is None or 0 <= stretch[0] < stretch[1] <= len(kinds)
        assert clause.verb is None or 0 <= clause.verb < len(kinds)


@given(st.lists(st.sampled_from(CLASSES), max_size=40))
def test_no_clause_is_its_own_ancestor(kinds):
    clauses = read_clauses(row(kinds))
    for start in range(len(clauses)):
        at, steps = clauses[start].parent, 0
        while at is not None:
            steps += 1
            assert steps <= len(clauses)
            at = clauses[at].parent


def test_speech_in_speech_is_read_to_a_depth_and_no_further():
    """A page of nothing but "nói" is no reason to give up the article."""
    text = "nói " * 300
    pack = load_pack(SEEDS, "vi")
    article = replace(ARTICLE, text=text, blocks=(Block("body", 0, len(text)),))
    for sentence in read_sentences(article, pack):
        clauses = read_clauses(sentence.tokens)
        assert 1 <= len(clauses) <= 400
