"""`parley explain` and the cards of `parley show quotes`, over a small lake."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import flows.cli.explain as explain_module
from flows.cli.explain import describe_days, explain
from flows.cli.filters import Filters
from flows.cli.show import show
from schemas.articles import Page, Sidecar
from schemas.errors import StopFlow
from schemas.settings import CleanLimits
from tasks.clean import clean_page
from tasks.lake import Batch, QueryResult, append_batch, create_lake
from tasks.meetings import find_meetings
from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes

TEXT = """Bộ trưởng Áo tới Praha

Ngày 5/6, Ngoại trưởng Áo Jonas Weber đã gặp Ngoại trưởng Séc Petr Novák tại Praha để bàn về tuyến đường sắt mới.

Ông Weber nói: "Tuyến đường sắt này sẽ mở cửa vào mùa xuân năm sau".
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained") / "lake"
    now = datetime(2024, 6, 8, tzinfo=UTC)
    sidecar = Sidecar(url="https://www.example.org/praha", language="vi", published_at=datetime(2024, 6, 6, tzinfo=UTC))
    page = Page(input="in/praha.txt", media="text", body=TEXT.encode(), sidecar=sidecar, fetched_at=now)
    article = clean_page(page, limits=CleanLimits(), languages=("en", "vi"))
    document = annotate(article)
    create_lake(folder)
    batch = Batch(
        batch_id="b1", run_id="r1", extracted_at=now, articles=(article,), meetings=find_meetings(document),
        quotes=find_quotes(document), topics=(), rejects=(), extractor="test",
    )  # fmt: skip
    append_batch(folder, batch, written_at=now)
    return folder


def test_explain_shows_words_meaning_rules_and_rows(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explain("praha.txt", lake=lake)
    page = capsys.readouterr().out
    assert "Ngoại trưởng Séc Petr Novák → Petr Novák" in page
    assert "Ngày 5/6 → 2024-06-05\n" in page
    assert "person-titled" in page
    assert "= meeting (meets, explicit): Jonas Weber, Petr Novák; held in_person; 2024-06-05" in page
    assert "= direct quote (clause, explicit): Jonas Weber [nói] Tuyến đường sắt" in page


def test_an_article_that_is_not_there_is_said_to_be_missing(lake: Path) -> None:
    with pytest.raises(StopFlow, match=r"no article.s id"):
        explain("nowhere", lake=lake)


def test_quotes_are_shown_with_speaker_day_and_sentence(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show("quotes", filters=Filters(person="weber"), lake=str(lake))
    card = capsys.readouterr().out.splitlines()
    assert card[0].startswith("Jonas Weber")
    assert "2024-06-06" in card[1]
    assert card[2].strip().startswith("“Tuyến đường sắt")


@pytest.mark.parametrize(
    ("first", "last", "precision", "words"),
    [
        (date(2018, 7, 16), date(2018, 7, 16), "day", "2018-07-16"),
        (date(2018, 7, 16), None, "day", "2018-07-16"),
        (date(2018, 7, 16), date(2018, 7, 18), "day", "2018-07-16/2018-07-18"),
        (date(2018, 7, 1), date(2018, 7, 31), "month", "2018-07"),
        (date(2018, 1, 1), date(2018, 12, 31), "year", "2018"),
    ],
)
def test_days_are_days_and_months_are_months(first: date, last: date | None, precision: Any, words: str) -> None:
    assert describe_days(first, last, precision) == words


def test_an_article_with_control_characters_cannot_command_the_terminal(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = explain_module.run_query

    def run_query(*arguments: Any) -> QueryResult | None:
        result = read(*arguments)
        assert result is not None
        place = result.columns.index("outlet")
        rows = (tuple("a\x1b]0;b" if at == place else cell for at, cell in enumerate(row)) for row in result.rows)
        return QueryResult(result.columns, rows)

    monkeypatch.setattr(explain_module, "run_query", run_query)
    explain("praha.txt", lake=str(lake))
    page = capsys.readouterr().out
    assert "a ]0;b" in page
    assert "\x1b" not in page
