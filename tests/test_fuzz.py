"""A short form of ``make fuzz``, and that it finds what it looks for."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from fuzz.examine import examine
from fuzz.mutations import Mutant, make_mutant

from flows.run.worker import STAGES
from schemas.articles import Article, Page
from schemas.document import Document
from schemas.quotes import Quote, Span
from tasks.clean import clean_page
from tasks.quotes import find_quotes

TESTS = Path(__file__).parent
STORY = Mutant(
    10,
    "text",
    "Hôm 5/6/2023, Tổng thống Áo Jonas Weber đã gặp Tổng thống Séc Petr Novák ở Praha. "
    "Ông Weber nói: “Cầu sẽ thông xe vào cuối tuần này”.".encode(),
)


def test_mutated_texts_give_right_rows_under_any_hash_seed() -> None:
    command = [sys.executable, "-m", "fuzz", "--texts", "400", "--json"]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    run = subprocess.run(command, cwd=TESTS.parent, env=environment, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    figures = json.loads(run.stdout)
    assert figures["texts"] == 400
    assert figures["with rows"] > 200
    assert figures["problems"] == 0


def test_a_number_gives_the_same_text_again() -> None:
    assert [make_mutant(number, 1) for number in range(30)] == [make_mutant(number, 1) for number in range(30)]
    assert make_mutant(3, 1) != make_mutant(3, 2)


def test_a_sound_text_has_rows_and_no_problems() -> None:
    outcome = examine(STORY)
    assert outcome.problems == ()
    assert outcome.rows > 0


def quotes_with_an_empty_span(document: Document) -> tuple[Quote, ...]:
    return tuple(replace(quote, quoted=(Span(quote.start, quote.start),)) for quote in find_quotes(document))


def quotes_with_other_words(document: Document) -> tuple[Quote, ...]:
    return tuple(replace(quote, end=quote.end - 1) for quote in find_quotes(document))


def fail(document: Document) -> tuple[Quote, ...]:
    raise ValueError("no such word")


CALLS = count()


def clean_otherwise(page: Page, **options: object) -> Article:
    return replace(clean_page(page, **options), outlet=str(next(CALLS)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stages", "problem"),
    [
        (replace(STAGES, quotes=quotes_with_an_empty_span), "lies outside the text"),
        (replace(STAGES, quotes=quotes_with_other_words), "text says"),
        (replace(STAGES, quotes=fail), "ValueError: no such word"),
        (replace(STAGES, clean=clean_otherwise), "other rows the second time"),
    ],
)
def test_what_is_wrong_is_found(stages, problem) -> None:
    assert problem in " ".join(examine(STORY, stages).problems)


def test_a_text_that_takes_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzz.examine.MOST_SECONDS", 0.0)
    assert "s of the processor" in " ".join(examine(STORY).problems)
