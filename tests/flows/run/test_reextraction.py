"""Articles of a lake read anew by the rules of today, and what changed by it."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli.diff import diff
from flows.run.reextraction import Reextraction, reextract_lake
from flows.run.worker import STAGES
from lake_problems import find_problems
from samples import ARTICLE, QUOTE
from schemas.articles import Block
from schemas.document import Document
from schemas.errors import StopFlow
from schemas.meetings import Meeting
from schemas.settings import IngestSettings
from tasks.lake import ArticleSelection, Batch, append_batch, create_lake, run_query, stored_articles
from tasks.meetings import find_meetings

Parley = Callable[..., subprocess.CompletedProcess[str]]
TEXT = "Ngày 12/3/2024, Bộ trưởng Ngoại giao Lâm Vĩnh An đã hội đàm với Ngoại trưởng Mỹ Daniel Whitmore tại Hà Nội."
SETTINGS = IngestSettings(workers=1, batch_size=2)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def find_no_meetings_of_a2(document: Document) -> tuple[Meeting, ...]:
    """A rule with a bug."""
    if document.article.article_id == "a2":
        raise ValueError("no")
    return find_meetings(document)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Five articles that a version of old found a quote in each, and no meeting."""
    create_lake(tmp_path / "lake")
    articles = tuple(
        replace(
            ARTICLE,
            article_id=f"a{number}",
            input=f"a{number}.txt",
            source="even" if number % 2 == 0 else "odd",
            title=f"Bài {number}",
            text=TEXT,
            blocks=(Block("body", 0, len(TEXT)),),
            published_at=LONG_AGO + timedelta(days=number),
            published_on=(LONG_AGO + timedelta(days=number)).date(),
            fetched_at=LONG_AGO,
        )
        for number in range(5)
    )
    for part in (articles[:3], articles[3:]):
        quotes = tuple(replace(QUOTE, quote_id=f"q-{one.article_id}", article_id=one.article_id) for one in part)
        at = LONG_AGO + timedelta(minutes=len(part))
        batch = Batch(f"b{len(part)}", "run", at, part, (), quotes, (), (), "0.0.1+old")
        append_batch(tmp_path / "lake", batch, written_at=at)
    return tmp_path / "lake"


def _ask(lake: Path, query: str) -> list[tuple[object, ...]]:
    result = run_query(lake, query)
    assert result is not None
    return list(result.rows)


def test_new_rows_supersede_the_old_and_a_second_run_has_nothing_to_do(lake: Path) -> None:
    summary = reextract_lake(str(lake), SETTINGS, Reextraction())
    assert (summary.read, summary.rejected, summary.rows["articles"], summary.rows["meetings"]) == (5, {}, 5, 5)
    assert _ask(lake, "SELECT count(*), count(DISTINCT article_id) FROM meetings") == [(5, 5)]
    assert _ask(lake, "SELECT count(*) FROM quotes") == [(0,)]
    assert _ask(lake, "SELECT DISTINCT extractor <> '0.0.1+old', fetched_at, source FROM articles ORDER BY ALL") == [
        (True, LONG_AGO, "even"),
        (True, LONG_AGO, "odd"),
    ]
    assert [problem for problem in find_problems(lake) if "text_sha256" not in problem.message] == []
    assert reextract_lake(str(lake), SETTINGS, Reextraction()).read == 0


@pytest.mark.parametrize(
    ("chosen", "articles"),
    [
        ({"since": (LONG_AGO + timedelta(days=3)).date()}, ["a3", "a4"]),
        ({"source": "odd"}, ["a1", "a3"]),
        ({"where": "title = 'Bài 2' OR article_id = 'a4' -- and so on"}, ["a2", "a4"]),
        ({"source": "nobody"}, []),
        ({"before": LONG_AGO + timedelta(minutes=3)}, ["a3", "a4"]),
        ({"languages": ("en",)}, []),
        ({"other_than": "0.0.1+old"}, []),
    ],
)
def test_only_articles_that_are_meant(lake: Path, chosen: dict[str, object], articles: list[str]) -> None:
    choice = replace(ArticleSelection(before=datetime.now(UTC), languages=("vi",)), **chosen)  # type: ignore[arg-type]
    assert sorted(article.article_id for article in stored_articles(lake, choice)) == articles


@pytest.mark.parametrize(
    "where",
    [
        "nothing = 1",
        "true) UNION SELECT 'b3', content FROM read_text('/etc/hostname') WHERE (true",
        "true); COPY articles TO 'out.csv'; SELECT 1 WHERE (true",
        "true); SELECT 1 AS one WHERE (true",
    ],
)
def test_a_condition_only_reads_and_sees_the_lake_alone(lake: Path, where: str) -> None:
    choice = ArticleSelection(before=datetime.now(UTC), languages=("vi",), where=where)
    with pytest.raises(StopFlow):
        list(stored_articles(lake, choice))


def test_an_article_that_cannot_be_read_any_more_keeps_its_rows(lake: Path) -> None:
    summary = reextract_lake(
        str(lake), SETTINGS, Reextraction(), stages=replace(STAGES, meetings=find_no_meetings_of_a2)
    )
    assert summary.rejected == {"extract_failed": 1}
    assert _ask(lake, "SELECT article_id FROM quotes") == [("a2",)]
    assert _ask(lake, "SELECT input FROM rejects") == [("a2.txt",)]


def test_a_changed_row_shows_what_changed(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = LONG_AGO + timedelta(hours=1)
    quote = replace(QUOTE, quote_id="q-a1", article_id="a1", speaker="Bà Mẫu")
    article = replace(ARTICLE, article_id="a1", input="a1.txt", text=TEXT, fetched_at=LONG_AGO, title="Bài 1")
    append_batch(lake, Batch("b9", "run", at, (article,), (), (quote,), (), (), "0.0.2"), written_at=at)
    diff("0.0.1+old", "0.0.2", lake=str(lake))
    printed = capsys.readouterr().out
    assert "quotes: 0 gained, 0 lost, 1 changed" in printed
    assert "speaker: None → Bà Mẫu" in printed


def _check_diff(lake: Path, parley: Parley) -> None:
    """Two of five articles were read anew, and each gained a meeting and lost its quote."""
    versions = json.loads(parley("diff", "--lake", lake, "--json").stdout)
    assert [(one["current_articles"], one["stored_articles"]) for one in versions] == [(3, 5), (2, 2)]
    new = versions[1]["extractor"]
    said = json.loads(parley("diff", "0.0.1+old", new, "--lake", lake, "--json").stdout)
    assert (said["articles"], said["only_old"], said["only_new"]) == (2, 3, 0)
    assert said["counts"]["meetings"] == {"gained": 2, "lost": 0, "changed": 0}
    assert said["counts"]["quotes"] == {"gained": 0, "lost": 2, "changed": 0}
    printed = parley("diff", "2026-02-01", "--lake", lake).stdout
    assert "5 articles that both 2026-02-01 and current have read" in printed
    assert "gained in “Bài 1”" in printed
    assert "there are: 0.0.1+old, " in parley("diff", "0.0.2", "--lake", lake).stderr


def test_the_command_line(lake: Path, parley: Parley) -> None:
    for _ in range(2):
        run = parley("reextract", "--lake", lake, "--source", "odd", "--json", "--force", "--workers", "1")
        assert json.loads(run.stdout)["rows"]["articles"] == 2, run.stderr
    _check_diff(lake, parley)
    run = parley("maintain", "--lake", lake, "--json")
    assert json.loads(run.stdout)["made"] == 1
    assert parley("maintain", "--lake", lake, "--grace", "0").stdout.endswith(" MB\n")
    assert parley("maintain", "--lake", lake).stdout == "Nothing to do.\n"
    assert parley("repair", "--lake", lake).stdout == "Nothing to repair.\n"
    answer = parley("sql", "SELECT count(*) AS n FROM articles", "--as-of", "2026-01-01T00:02", "--lake", lake)
    assert "read by then left out" in answer.stderr
    wrong = parley("maintain", "--lake", lake, "--target-mb", "0")
    assert (wrong.returncode, "above 0" in wrong.stderr) == (2, True)
