"""What `parley status` says: freshness that agrees with the rows, silence, and what needs a person."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli import status as module
from flows.cli.status import status
from flows.monitoring.health import Freshness, measure_freshness, measure_size, source_health
from samples import ARTICLE, FETCH
from schemas.rejects import Reject
from tasks.lake import Batch, append_batch, create_lake, open_lake

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
Lake = Callable[..., Path]


def batch(name: str, at: datetime, **rows: object) -> Batch:
    none = dict.fromkeys(("articles", "meetings", "quotes", "topics", "rejects", "fetches"), ())
    return Batch(batch_id=name, run_id="r", extracted_at=at, extractor="test", **{**none, **rows})  # type: ignore[arg-type]


def article(number: int, published_at: datetime, fetched_at: datetime):
    return replace(
        ARTICLE,
        article_id=f"a{number}",
        input=f"https://baomau.test/{number}",
        source="baomau",
        published_at=published_at,
        published_from="feed",
        fetched_at=fetched_at,
    )


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    create_lake(tmp_path / "lake")
    return tmp_path / "lake"


def fresh_at(lake: Path, now: datetime) -> Freshness:
    with open_lake(lake) as connection:
        return measure_freshness(connection, now)


def test_the_lag_of_a_thousand_articles_at_once_agrees_with_the_rows(lake: Path) -> None:
    lags = [timedelta(seconds=37 * number % 5_000) for number in range(1_000)]
    articles = tuple(article(number, NOW - lag, NOW) for number, lag in enumerate(lags))
    append_batch(lake, batch("b1", NOW, articles=articles), written_at=NOW)
    fresh = fresh_at(lake, NOW)
    seconds = [lag.total_seconds() for lag in lags]
    assert fresh.articles == 1_000
    assert fresh.median_seconds == statistics.median(seconds)
    assert fresh.p95_seconds == pytest.approx(statistics.quantiles(seconds, n=100, method="inclusive")[94])
    with open_lake(lake) as connection:
        (again,) = (
            connection.execute("SELECT median(epoch(extracted_at - published_at)) FROM articles").fetchone() or ()
        )
    assert again == fresh.median_seconds


def test_rows_made_anew_and_old_articles_do_not_count_as_late(lake: Path) -> None:
    old = article(1, NOW - timedelta(days=400), NOW - timedelta(hours=2))
    anew = article(2, NOW - timedelta(hours=9), NOW - timedelta(hours=8))
    ahead = article(3, NOW + timedelta(hours=1), NOW)  # a clock that goes fast
    append_batch(lake, batch("b1", NOW, articles=(old, anew, ahead)), written_at=NOW)
    fresh = fresh_at(lake, NOW)
    assert (fresh.articles, fresh.median_seconds) == (2, 1_800.0)
    assert fresh_at(lake, NOW + timedelta(days=2)).median_seconds is None


def test_a_source_is_silent_from_its_last_article_or_its_first_reading(lake: Path) -> None:
    feeds = tuple(
        replace(FETCH, input=f"https://{name}.test/feed", source=name, kind="feed", found_in=None)
        for name in ("baomau", "daimau")
    )
    late = NOW - timedelta(hours=50)
    append_batch(lake, batch("b1", late, fetches=feeds), written_at=late)
    heard = NOW - timedelta(hours=3)
    append_batch(lake, batch("b2", heard, articles=(article(1, heard, heard),)), written_at=heard)
    with open_lake(lake) as connection:
        sources = {source.source: source for source in source_health(connection)}
    assert {name: source.is_silent(NOW, timedelta(hours=48)) for name, source in sources.items()} == {
        "baomau": False,
        "daimau": True,
    }
    assert (sources["baomau"].articles, sources["daimau"].newest) == (1, None)


def test_size_counts_files_and_bytes(lake: Path) -> None:
    append_batch(lake, batch("b1", NOW, articles=(article(1, NOW, NOW),)), written_at=NOW)
    files = [path for path in lake.rglob("*.parquet") if path.parent.name != "empty"]
    size = measure_size(lake)
    assert (size.files, size.size_bytes) == (len(files), sum(path.stat().st_size for path in files))
    assert size.small_files == size.files > 0


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))


@pytest.mark.usefixtures("alone")
def test_all_is_well_with_a_new_lake(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status(lake=str(lake))
    assert "all well" in capsys.readouterr().out
    status(lake=str(lake), json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["problems"], told["prefect"], told["size"]["files"]) == ([], None, 0)


@pytest.mark.usefixtures("alone")
def test_what_needs_a_person_is_said_and_is_the_exit_code(
    lake: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    rejects = tuple(Reject(input=f"https://x.test/{n}", stage="read", code="gone", message="") for n in range(30))
    feed = replace(FETCH, input="https://baomau.test/feed", source="baomau", kind="feed", found_in=None)
    append_batch(lake, batch("b1", now, rejects=rejects), written_at=now)
    early = now - timedelta(hours=60)
    append_batch(lake, batch("b2", early, fetches=(feed,)), written_at=early)
    monkeypatch.setattr(module, "MOST_SMALL_FILES", 0)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(SystemExit) as stop:
        status(lake=str(lake))
    assert stop.value.code == 1
    out = capsys.readouterr().out
    problems = [line for line in out.splitlines() if line.startswith("PROBLEM")]
    for words in ("baomau has given no article for 2 d 12 h", "30 of 30 inputs", "small files", "no Prefect server"):
        assert sum(words in line for line in problems) == 1, words


@pytest.mark.parametrize("arguments", ["status(lake=sys.argv[1])", "local_server.down()"])
def test_neither_status_nor_down_imports_prefect(lake: Path, environment: dict[str, str], arguments: str) -> None:
    program = "import sys; from flows.server import local as local_server; from flows.cli.status import status; "
    program += f"{arguments}; "
    program += "sys.exit('prefect' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program, str(lake)], env=environment, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
