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

from flows.cli.status import status
from flows.monitoring import problems as module
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
        sources = {source.source: source for source in source_health(connection, NOW)}
    assert {name: source.is_silent(NOW, timedelta(hours=48)) for name, source in sources.items()} == {
        "baomau": False,
        "daimau": True,
    }
    assert (sources["baomau"].articles, sources["daimau"].newest) == (1, None)


def arrivals(lake: Path, source: str, pauses: list[timedelta], newest: datetime) -> None:
    """Store articles with these pauses between them, the last at a time."""
    times = [newest]
    for pause in reversed(pauses):
        times.append(times[-1] - pause)
    for number, at in enumerate(times):
        one = replace(article(number, at, at), article_id=f"{source}{number}", source=source)
        append_batch(lake, batch(f"{source}{number}", at, articles=(one,)), written_at=at)


def test_a_source_is_silent_by_its_own_rhythm(lake: Path) -> None:
    hourly, weekly = [timedelta(hours=9), timedelta(hours=1)] * 8, [timedelta(days=5)] * 6
    arrivals(lake, "hourly", hourly, NOW - timedelta(hours=20))
    arrivals(lake, "steady", hourly, NOW - timedelta(hours=10))
    arrivals(lake, "weekly", weekly, NOW - timedelta(days=4))
    with open_lake(lake) as connection:
        sources = {source.source: source for source in source_health(connection, NOW)}
    silent = {name for name, source in sources.items() if source.is_silent(NOW, timedelta(hours=48))}
    assert silent == {"hourly"}
    assert sources["hourly"].usual_pause == timedelta(hours=9)


def test_a_folder_read_once_has_no_rhythm_and_is_not_judged(lake: Path) -> None:
    append_batch(lake, batch("b1", NOW, articles=(article(1, NOW, NOW), article(2, NOW, NOW))), written_at=NOW)
    with open_lake(lake) as connection:
        assert source_health(connection, NOW + timedelta(days=300)) == ()


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
    assert (told["problems"], told["prefect"], told["lake_status"]["size"]["files"]) == ([], None, 0)


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
    assert status(lake=str(lake)) == 1
    out = capsys.readouterr().out
    problems = [line for line in out.splitlines() if line.startswith("PROBLEM")]
    for words in ("baomau has given no article for 2 d 12 h", "30 of 30 inputs", "small files", "no Prefect server"):
        assert sum(words in line for line in problems) == 1, words


@pytest.mark.usefixtures("alone")
def test_before_a_first_article_it_tells_about_prefect_and_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert status(lake=str(tmp_path / "none")) == 2
    out = capsys.readouterr().out
    assert "http://127.0.0.1:9/api does not answer" in out
    assert status(lake=str(tmp_path / "none"), json=True) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["lake_status"], len(found["problems"])) == (None, 2)


@pytest.mark.usefixtures("alone")
def test_files_moved_aside_are_not_well(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    append_batch(lake, batch("b1", NOW, articles=(article(1, NOW, NOW),)), written_at=NOW)
    stored = lake / "articles" / "2026-03-05" / "b1.parquet"
    aside = lake / "broken" / "20260305T120000" / "articles" / "2026-03-05" / "b1.parquet"
    aside.parent.mkdir(parents=True)
    stored.rename(aside)
    assert status(lake=str(lake)) == 1
    assert "1 broken files lie in the folder `broken`" in capsys.readouterr().out


@pytest.mark.usefixtures("alone")
def test_a_lake_that_cannot_be_read_is_not_well(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    append_batch(lake, batch("b1", NOW, articles=(article(1, NOW, NOW),)), written_at=NOW)
    stored = lake / "articles" / "2026-03-05" / "b1.parquet"
    stored.write_bytes(stored.read_bytes()[:-20])
    assert status(lake=str(lake), json=True) == 2
    assert "parley repair" in json.loads(capsys.readouterr().out)["problems"][0]


@pytest.mark.usefixtures("alone")
def test_a_server_that_ended_without_parley_down_is_not_well(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prefect" / "parley").mkdir(parents=True)
    left = {"url": "http://127.0.0.1:9/api", "pid": 1}
    (tmp_path / "prefect" / "parley" / "server.json").write_text(json.dumps(left))
    assert status(lake=str(lake)) == 1
    assert "the Prefect server that `parley up` started at http://127.0.0.1:9/api is gone" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", ["status(lake=sys.argv[1])", "server.down()"])
def test_neither_status_nor_down_imports_prefect(lake: Path, environment: dict[str, str], arguments: str) -> None:
    program = "import sys; from flows.cli import server; from flows.cli.status import status; "
    program += f"{arguments}; "
    program += "sys.exit('prefect' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program, str(lake)], env=environment, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
