"""The way from files to rows: with stages that misbehave, with bad input, twice, at once, and after kill -9."""

import json
import os
import re
import signal
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.run import batch as steps
from flows.run.batch import SeenArticles, admit_articles, fill_batches
from flows.run.context import RunContext
from flows.run.summary import BatchReport
from flows.run.worker import STAGES, Stages
from schemas.articles import Article, Page, Sidecar
from schemas.document import Document
from schemas.quotes import Quote
from schemas.rejects import Reject
from schemas.settings import CleanLimits, IngestSettings
from seeds import SEEDS
from tasks.clean import clean_page
from tasks.lake import create_lake, open_lake
from tasks.language.pack import pack_codes
from tasks.pool import WorkerPool
from tasks.quotes import find_quotes
from tasks.read.files import read_files

Parley = Callable[..., subprocess.CompletedProcess[str]]
Ingest = Callable[..., list[BatchReport]]

OWN_COLUMNS = {"batch_id", "run_id", "extracted_at", "written_at", "fetched_at"}
"""What two runs over the same files may differ in."""


def story(number: int, marker: str = "") -> str:
    return f"""Bộ trưởng Ngoại giao Lâm Vĩnh An tiếp khách, bản tin số {number}

Ngày 12/3/2024, Bộ trưởng Ngoại giao Lâm Vĩnh An đã hội đàm với Ngoại trưởng Mỹ Daniel Whitmore tại Hà Nội. {marker}

"Chúng tôi coi trọng quan hệ song phương và kết quả thứ {number}", ông Lâm Vĩnh An nói sau cuộc gặp.
"""


def write_stories(folder: Path, count: int, **marked: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{number:03d}.txt").write_text(story(number, marked.get(f"n{number}", "")), encoding="utf-8")
    return folder


# Stages that misbehave at a marked article. Workers find them by name.


def clean_or_hang(page: Page, *, limits: CleanLimits, languages: tuple[str, ...]) -> Article:
    while b"TREO" in page.body:
        pass
    return clean_page(page, limits=limits, languages=languages)


def clean_or_die(page: Page, *, limits: CleanLimits, languages: tuple[str, ...]) -> Article:
    if "CHẾT".encode() in page.body:
        os.kill(os.getpid(), signal.SIGKILL)
    return clean_page(page, limits=limits, languages=languages)


def clean_or_break(page: Page, *, limits: CleanLimits, languages: tuple[str, ...]) -> Article:
    if "HỎNG".encode() in page.body:
        raise ZeroDivisionError("as libraries do")
    return clean_page(page, limits=limits, languages=languages)


def quotes_or_break(document: Document) -> tuple[Quote, ...]:
    if "HỎNG" in document.article.text:
        raise IndexError("as rules do")
    return find_quotes(document)


def quotes_or_die(document: Document) -> tuple[Quote, ...]:
    if "CHẾT" in document.article.text:
        os.kill(os.getpid(), signal.SIGKILL)
    return find_quotes(document)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, memory_bytes=2_000_000_000, preload=["flows.run.worker"]) as pool:
        yield pool


@pytest.fixture
def run(pool: WorkerPool, tmp_path: Path) -> RunContext:
    create_lake(tmp_path / "lake")
    return RunContext(
        run_id="test",
        source="tests",
        lake=tmp_path / "lake",
        pool=pool,
        settings=IngestSettings(batch_size=4),
        languages=pack_codes(SEEDS),
        extractor="test",
        clock=lambda: datetime.now(UTC),
    )


def ingest(run: RunContext, *paths: Path) -> list[BatchReport]:
    """What the flow does, one batch after the other and without Prefect."""
    seen, reports = SeenArticles(), []
    for batch in fill_batches(read_files(paths, now=run.clock(), limits=run.settings.limits), run):
        steps.clean(batch, run)
        admit_articles(batch, seen, run)
        steps.extract_meetings(batch, run)
        steps.extract_quotes(batch, run)
        steps.extract_topics(batch, run)
        steps.append(batch, run)
        assert batch.report
        reports.append(batch.report)
    return reports


def rejected(reports: list[BatchReport]) -> dict[str, str]:
    return {Path(reject.input).name: reject.code for report in reports for reject in report.rejects}


def visible(lake: Path, table: str) -> list[dict[str, Any]]:
    """The rows that count, without what belongs to the run that made them."""
    with open_lake(lake) as connection:
        answer = connection.sql(f"FROM {table}")
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
    kept = [{name: cell for name, cell in row.items() if name not in OWN_COLUMNS} for row in rows]
    return sorted(kept, key=repr)


def everything(lake: Path) -> dict[str, list[dict[str, Any]]]:
    return {table: visible(lake, table) for table in ("articles", "meetings", "quotes", "topics")}


def test_articles_become_rows_of_their_source(run: RunContext, tmp_path: Path) -> None:
    reports = ingest(run, write_stories(tmp_path / "in", 6))
    assert [(report.cleaned, report.rows["articles"]) for report in reports] == [(4, 4), (2, 2)]
    assert {row["source"] for row in visible(run.lake, "articles")} == {"tests"}
    assert len(visible(run.lake, "quotes")) == 6
    assert len(visible(run.lake, "meetings")) == 6


@pytest.mark.parametrize(
    ("stages", "marker", "stage", "code"),
    [
        (replace(STAGES, clean=clean_or_hang), "TREO", "clean", "page_timeout"),
        (replace(STAGES, clean=clean_or_die), "CHẾT", "clean", "worker_died"),
        (replace(STAGES, clean=clean_or_break), "HỎNG", "clean", "clean_failed"),
        (replace(STAGES, quotes=quotes_or_break), "HỎNG", "extract", "extract_failed"),
        (replace(STAGES, quotes=quotes_or_die), "CHẾT", "extract", "worker_died"),
    ],
    ids=["hangs", "dies", "breaks", "extractor breaks", "extractor dies"],
)
def test_one_bad_article_costs_no_other(
    run: RunContext, tmp_path: Path, stages: Stages, marker: str, stage: str, code: str
) -> None:
    run.stages = stages
    run.settings = replace(run.settings, limits=CleanLimits(page_timeout_seconds=5))
    (first, second) = ingest(run, write_stories(tmp_path / "in", 5, n1=marker))
    assert [(Path(r.input).name, r.stage, r.code) for r in first.rejects] == [("001.txt", stage, code)]
    assert (first.rows["articles"], second.rows["articles"], second.rejects) == (3, 1, ())
    assert not [row for row in visible(run.lake, "articles") if marker in row["text"]]
    assert [row["code"] for row in visible(run.lake, "rejects")] == [code]


def test_the_first_of_two_readings_counts(run: RunContext, tmp_path: Path) -> None:
    folder = write_stories(tmp_path / "in", 5)
    (folder / "004.txt").write_text(story(0), encoding="utf-8")
    (folder / "003.txt").write_text(story(0), encoding="utf-8")
    reports = ingest(run, folder)
    assert rejected(reports) == {"003.txt": "duplicate", "004.txt": "duplicate"}
    assert {Path(row["input"]).name for row in visible(run.lake, "articles")} == {"000.txt", "001.txt", "002.txt"}


def test_every_bad_input_has_its_code_and_the_rest_goes_on(run: RunContext, tmp_path: Path) -> None:
    folder = write_stories(tmp_path / "in", 2)
    page = "<html><body>{}</body></html>"
    paragraph = "The ministers talked about fish and tariffs on a long afternoon in the capital. "
    files: dict[str, bytes] = {
        "empty.txt": b"",
        "binary.txt": bytes(range(256)) * 40,
        "wrong_encoding.txt": "Они встретились в Женеве и говорили долго".encode("koi8-r"),
        "no_article.html": page.format('<nav><a href="/">Home</a></nav>').encode(),
        "too_many_tags.html": page.format("<br>" * 400_000).encode(),
        "too_large.html": page.format('<a href="/x">a link among links</a>' * 150_000).encode(),
        "unsupported_language.txt": ("Ministrarna träffades i huvudstaden och talade länge om fiske. " * 9).encode(),
        "broken_sidecar.txt": paragraph.encode(),
        "broken_sidecar.json": b'{"url": ',
        "duplicate.txt": story(1).encode(),
    }
    for name, body in files.items():
        (folder / name).write_bytes(body)
    with (folder / "too_large.txt").open("wb") as sparse:
        sparse.truncate(60_000_000)
    (folder / "link_loop.txt").symlink_to("link_loop.txt")
    (folder / "loop").mkdir()
    (folder / "loop" / "around").symlink_to(folder, target_is_directory=True)
    unreadable = _make_unreadable(folder)
    reports = ingest(run, folder, tmp_path / "missing_path.txt")
    found = rejected(reports)
    assert found.pop("around") == "link_loop"
    assert found.pop("too_large.html") == found.pop("too_large.txt") == "too_large"
    assert found == {name: name.split(".")[0] for name in found}
    assert sum(report.rows["articles"] for report in reports) == 2
    assert Counter(row["code"] for row in visible(run.lake, "rejects")).total() == len(found) + 3
    expected = {name.split(".")[0] for name in files} | {"link_loop", unreadable, "missing_path"}
    assert set(found.values()) == expected - {"too_large"}


def _make_unreadable(folder: Path) -> str:
    """Make a file that must not be read, named by its code; root, whom permissions do not stop, gets a link outside."""
    if os.geteuid() == 0:
        (folder / "outside_folder.txt").symlink_to("/proc/self/mem")
        return "outside_folder"
    (folder / "unreadable.txt").touch(mode=0)
    return "unreadable"


def test_batches_are_read_when_asked_for_and_closed_by_size(run: RunContext) -> None:
    taken = Counter[str]()

    def pages() -> Iterator[Page | Reject]:
        for number in range(100):
            taken["pages"] += 1
            body = b"x" * (60 if number < 4 else 1)
            yield Page(input=str(number), media="text", body=body, sidecar=Sidecar(), fetched_at=run.clock())

    run.settings = IngestSettings(batch_size=10, batch_bytes=100)
    batches = fill_batches(pages(), run)
    assert [next(batches).read for _ in range(3)] == [2, 2, 10]
    assert taken["pages"] == 14


def test_batches_are_named_and_dated_in_reading_order(run: RunContext) -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    run.clock = lambda: now  # a clock too coarse to tell batches apart
    run.settings = IngestSettings(batch_size=1)
    rejects = [Reject(input=str(number), stage="read", code="empty", message="") for number in range(20)]
    made = list(fill_batches(rejects, run))
    times = [batch.extracted_at for batch in made]
    assert times == sorted(set(times))
    assert [batch.batch_id for batch in made] == sorted({batch.batch_id for batch in made})


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stories(tmp_path_factory.mktemp("stories"), 40)


@pytest.fixture(scope="module")
def clean_run(parley: Parley, stories: Path, prefect_url: str) -> dict[str, list[dict[str, Any]]]:
    lake = stories.parent / f"{stories.name}-lake"
    run = parley("ingest", stories, "--lake", lake, "--batch-size", 10, "--source", "once", PREFECT_API_URL=prefect_url)
    assert run.returncode == 0, run.stderr
    rows = everything(lake)
    assert len(rows["articles"]) == 40
    return rows


def test_two_runs_at_once_and_a_third_leave_the_rows_of_one(
    command: list[str],
    parley: Parley,
    environment: dict[str, str],
    stories: Path,
    tmp_path: Path,
    prefect_url: str,
    clean_run: dict[str, list[dict[str, Any]]],
) -> None:
    lake = tmp_path / "lake"
    arguments = ["ingest", str(stories), "--lake", str(lake), "--source", "once", "--json", "--batch-size"]
    own = environment | {"PREFECT_API_URL": prefect_url}
    both = [subprocess.Popen([*command, *arguments, size], env=own, stdout=subprocess.DEVNULL) for size in ("7", "10")]
    assert [one.wait(timeout=300) for one in both] == [0, 0]
    assert everything(lake) == clean_run
    assert parley(*arguments, 40, PREFECT_API_URL=prefect_url).returncode == 0
    assert everything(lake) == clean_run


def test_after_kill_9_in_the_middle_a_rerun_leaves_the_rows_of_one(
    command: list[str],
    parley: Parley,
    environment: dict[str, str],
    stories: Path,
    tmp_path: Path,
    prefect_url: str,
    clean_run: dict[str, list[dict[str, Any]]],
) -> None:
    lake = tmp_path / "lake"
    arguments = ["ingest", str(stories), "--lake", str(lake), "--source", "once", "--batch-size"]
    own = environment | {"PREFECT_API_URL": prefect_url}
    with subprocess.Popen([*command, *arguments, "1"], env=own, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr
        next(line for line in run.stderr if re.search(r", [1-9]\d* stored", line))
        run.kill()
    left = everything(lake)
    assert 0 < len(left["articles"]) < 40
    assert all(row in clean_run[table] for table, rows in left.items() for row in rows)
    assert parley("verify", "--lake", lake).returncode == 0
    assert parley(*arguments, 10, PREFECT_API_URL=prefect_url).returncode == 0
    assert everything(lake) == clean_run


def test_without_prefect_the_rows_are_the_same(
    parley: Parley, stories: Path, tmp_path: Path, clean_run: dict[str, list[dict[str, Any]]]
) -> None:
    lake = tmp_path / "lake"
    arguments = ["ingest", stories, "--lake", lake, "--batch-size", 7, "--source", "once", "--direct"]
    run = parley(*arguments, PYTHONPROFILEIMPORTTIME="1")
    assert run.returncode == 0, run.stderr
    assert everything(lake) == clean_run
    imported = re.findall(r"\| +([\w.]+)$", run.stderr, re.MULTILINE)
    assert "flows.run.pipeline" in imported
    assert "prefect" not in imported


def test_a_run_can_be_found_and_read_in_prefect(
    parley: Parley, stories: Path, tmp_path: Path, prefect_url: str
) -> None:
    parley("ingest", stories, "--lake", tmp_path / "lake", "--source", "Báo Mẫu", PREFECT_API_URL=prefect_url)
    runs = [run for run in _ask(prefect_url, "flow_runs") if run["tags"] == ["Báo Mẫu"]]
    assert [re.sub(r"\d{4}-\d\d-\d\d-\d\d:\d\d$", "TIME", run["name"]) for run in runs] == ["ingest-Báo Mẫu-TIME"]
    names = [task["name"] for task in _ask(prefect_url, "task_runs") if task["flow_run_id"] == runs[0]["id"]]
    kinds = Counter(re.sub(r"-\d{8}T\d{12}-\w{6}$", "", name) for name in names)
    assert kinds == dict.fromkeys(["clean", "extract-meetings", "extract-quotes", "extract-topics", "append"], 1)
    (report,) = [a["data"] for a in _ask(prefect_url, "artifacts") if a["flow_run_id"] == runs[0]["id"]]
    assert "| articles | 40 |" in report
    assert "Daniel Whitmore" in report


def _ask(url: str, what: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(f"{url}/{what}/filter", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found
