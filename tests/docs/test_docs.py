import csv
import re
from pathlib import Path

import pytest

from docs.generate.cookbook import answer_questions, read_recipes
from docs.generate.samples import DOCS, fill_lake
from docs.generate.tables import describe_tables
from flows.cli.filters import Filters
from flows.cli.show import show
from lake_problems import find_problems
from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake import open_lake
from tasks.lake.views.everyday import describe_views

SEEDS = Path(__file__).parents[2] / ".." / "shared" / "seeds"
COOKBOOK = (DOCS / "cookbook.md").read_text(encoding="utf-8")
RECIPES = list(read_recipes(COOKBOOK))
ANEW = "run `python -m docs.generate` and read what changed"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples") / "lake"
    fill_lake(folder)
    return folder


def test_the_reference_of_tables_is_up_to_date(lake: Path) -> None:
    assert (DOCS / "tables.md").read_text(encoding="utf-8") == describe_tables(lake), ANEW


def test_the_reference_names_every_column_and_view(lake: Path) -> None:
    text = describe_tables(lake)
    for schema in TABLES.values():
        assert all(f"| `{name}` |" in text for name in schema.names)
    with open_lake(lake) as connection:
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert {view for (view,) in views} == describe_views().keys() | TABLES.keys()


def test_the_cookbook_is_large_enough_and_all_of_it_is_read() -> None:
    assert len(RECIPES) >= 15
    assert [recipe.question for recipe in RECIPES] == re.findall(r"^## (.+)$", COOKBOOK, re.MULTILINE)
    assert COOKBOOK.count("```sql") == len({recipe.sql for recipe in RECIPES}) == len(RECIPES)


@pytest.mark.parametrize("number", range(len(RECIPES)), ids=[recipe.question for recipe in RECIPES])
def test_a_question_of_the_cookbook_has_the_printed_answer(number: int, lake: Path) -> None:
    recipe = RECIPES[number]
    page = f"## {recipe.question}\n\n```sql\n{recipe.sql}```\n\n```text\n```\n"
    (answered,) = read_recipes(answer_questions(page, lake))
    assert answered.answer == recipe.answer, ANEW
    assert answered.answer.count("\n") > 2


def test_a_wrong_answer_is_replaced_and_the_rest_of_the_page_stays(lake: Path) -> None:
    page = "# Title\n\n## One?\n\nWhy.\n\n```sql\nSELECT 1 AS one\n```\n\n```text\nold\n```\n\nEnd \\1.\n"
    assert answer_questions(page, lake) == page.replace("old\n", "one\n───\n1\n")


def test_a_wrong_question_stops(lake: Path) -> None:
    with pytest.raises(StopFlow, match="nothing"):
        answer_questions("## One?\n\n```sql\nFROM nothing\n```\n\n```text\n```\n", lake)


def test_the_samples_make_a_sound_lake(lake: Path) -> None:
    assert find_problems(lake) == ()


def test_the_ledger_is_shown_by_person_and_topic(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show("ledger", filters=Filters(person="biden", topic="cyber-attacks"), lake=str(lake))
    printed = capsys.readouterr()
    assert "  about State-backed cyber attacks\n  at the meeting of Joe Biden, Vladimir Putin\n" in printed.out
    assert printed.err == "1 row\n"
    show("ledger", filters=Filters(topic="Thuế quan"), lake=str(lake), format="csv")
    printed = capsys.readouterr()
    assert {row["topic"] for row in csv.DictReader(printed.out.splitlines())} == {"tariffs"}
    show("ledger", filters=Filters(topic="weather"), lake=str(lake))
    assert capsys.readouterr().err.startswith("No topic here is called 'weather'.")


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the annotated articles are not part of this repository")
def test_the_analysts_question_is_one_line_that_answers_over_the_annotated_articles(tmp_path: Path) -> None:
    (question,) = re.findall(r"^    (SELECT .*nato-enlargement.*)$", COOKBOOK, re.MULTILINE)
    assert len(question) < 120
    fill_lake(tmp_path / "lake", [SEEDS])
    with open_lake(tmp_path / "lake") as connection:
        words = [str(row[0]) for row in connection.execute(question).fetchall()]
    assert words
    assert all("NATO" in one for one in words)
