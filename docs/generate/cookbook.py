"""The cookbook: questions with their SQL, and the answers that the sample articles give."""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.cli.output.tables import print_rows
from tasks.lake import run_query

__all__ = ["Recipe", "answer_questions", "read_recipes"]

_RECIPE = re.compile(
    r"^## (?P<question>[^\n]+)\n(?P<prose>(?:(?!^## ).)*?)```sql\n(?P<sql>.*?)```\n\n```text\n(?P<answer>.*?)```",
    re.M | re.S,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A question of the cookbook.

    Attributes:
        question: Its heading.
        sql: What to ask.
        answer: What is printed, as ``parley sql`` prints it into a pipe; ends in a line break unless it is empty.
    """

    question: str
    sql: str
    answer: str


def read_recipes(cookbook: str) -> Iterator[Recipe]:
    """Give the questions of the cookbook's text, in order."""
    for match in _RECIPE.finditer(cookbook):
        yield Recipe(match["question"], match["sql"], match["answer"])


def answer_questions(cookbook: str, lake: Path) -> str:
    """Return the cookbook's text with every answer as the lake gives it.

    Raises:
        StopFlow: A query is wrong.
    """
    return _RECIPE.sub(lambda match: _with_answer(match, _answer_question(match["sql"], lake)), cookbook)


def _with_answer(match: re.Match[str], answer: str) -> str:
    whole, (first, last) = match[0], match.span("answer")
    return whole[: first - match.start()] + answer + whole[last - match.start() :]


def _answer_question(sql: str, lake: Path) -> str:
    result = run_query(lake, sql)
    assert result is not None, f"no statement in {sql!r}"
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        print_rows(result, "table")
    return printed.getvalue()
