"""From newspapers on loopback to rows: every fault has its outcome, nothing is lost, asked for or stored twice."""

import itertools
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.run.context import prepare_run
from flows.run.ingestion import ingest_inputs
from flows.run.inputs import InputSelection
from flows.run.pipeline import thread_steps
from flows.run.reextraction import Reextraction, reextract_lake
from flows.run.summary import IngestSummary
from flows.run.worker import STAGES
from lake_problems import find_problems
from outlet import Outlet, Reply
from outlet.catalogue import add_source
from schemas.articles import Article, Page
from schemas.errors import StopFlow
from schemas.settings import CleanLimits, FetchSettings, IngestSettings, LinkLimits
from schemas.tables import TABLES
from tasks.clean import clean_page
from tasks.lake import open_lake
from tasks.pool import WorkerPool

Read = Callable[..., IngestSummary]

QUICK = FetchSettings(
    contact="tests@outlet.test", interval_seconds=0.0, backoff_seconds=0.01, attempts=2, read_timeout_seconds=1.0,
    total_timeout_seconds=3.0, connect_timeout_seconds=3.0, max_wire_bytes=3_000_000, max_body_bytes=3_000_000,
)  # fmt: skip

EVERY_PAGE = Reextraction(clean=True, force=True)

OUTCOMES = {
    "/fault/redirect-loop": ("rejected", "redirect_loop"),
    "/fault/redirect-chain/9": ("rejected", "too_many_redirects"),
    "/fault/redirect-loopback": ("rejected", "not_public_address"),
    "/fault/redirect-metadata": ("rejected", "not_public_address"),
    "/fault/redirect-scheme": ("rejected", "unsupported_scheme"),
    "/fault/401": ("rejected", "http_401"),
    "/fault/403": ("rejected", "http_403"),
    "/fault/404": ("rejected", "http_404"),
    "/fault/410": ("rejected", "gone"),
    "/fault/429": ("later", "http_429"),
    "/fault/429-then-200": ("rejected", "no_article"),
    "/fault/500": ("later", "http_500"),
    "/fault/500-then-200": ("rejected", "no_article"),
    "/fault/reset": ("later", "connection_lost"),
    "/fault/stall": ("later", "timeout"),
    "/fault/truncated-gzip": ("rejected", "broken_encoding"),
    "/fault/gzip-bomb": ("rejected", "decompression_bomb"),
    "/fault/large": ("rejected", "too_large"),
    "/fault/wrong-type": ("rejected", "wrong_content_type"),
    "/tin/bai-0.html": ("stored", None),
    "/tin/tuong-lai.html": ("stored", None),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, memory_bytes=2_000_000_000, preload=["flows.run.worker"]) as pool:
        yield pool


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    return folder


@pytest.fixture
def read(outlet: Outlet, pool: WorkerPool, lake: str, catalogue: Path) -> Read:
    """One run over the web, without Prefect; settings of fetching by name."""

    def run(*inputs: str, sources: tuple[str, ...] = (), batch_size: int = 10, **fetching: Any) -> IngestSummary:
        fetching = {"allowed_hosts": outlet.allowed_hosts, **fetching}
        settings = IngestSettings(
            batch_size=batch_size,
            catalogue=str(catalogue) if any(catalogue.iterdir()) else "",
            links=LinkLimits(sitemap_days=10_000, max_sitemap_days=10_000),  # the stories are of 2024
            fetching=replace(QUICK, **fetching),
        )
        run = prepare_run("test", "tests", lake, settings, pool)
        with thread_steps() as steps:
            return ingest_inputs(InputSelection(inputs=inputs, sources=sources), run, steps)

    return run


def rows(lake: str, query: str) -> list[tuple[Any, ...]]:
    with open_lake(lake) as connection:
        return connection.execute(query).fetchall()


def counts(lake: str) -> dict[str, int]:
    return {table: rows(lake, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def states(lake: str) -> dict[str, tuple[str, str | None]]:
    return {link: (state, code) for link, state, code in rows(lake, "SELECT input, state, code FROM outcomes")}


def test_every_fault_has_its_outcome_and_none_stops_the_run(outlet: Outlet, read: Read, lake: str) -> None:
    """Each at a newspaper of its own, because a host that fails is left alone for a while."""
    wanted = {
        outlet.site(f"f{number:02d}.outlet.test", stories=1).url(path): outcome
        for number, (path, outcome) in enumerate(OUTCOMES.items())
    }
    private = "http://intranet.outlet.test/page.html"
    summary = read(*wanted, private, batch_size=4)
    found = states(lake)
    assert found.pop(private)[0] in ("rejected", "later"), "a host that resolves nowhere, or to no public address"
    assert found == wanted
    assert summary.read == len(wanted) + 1
    assert summary.rows["articles"] == 2
    assert find_problems(lake) == ()


def test_an_article_from_the_future_keeps_no_date_that_is_not_there_yet(outlet: Outlet, read: Read, lake: str) -> None:
    site = outlet.site("o01.outlet.test")
    read(site.url("/tin/tuong-lai.html"))
    assert rows(lake, "SELECT published_at IS NULL OR published_at <= fetched_at FROM articles") == [(True,)]


def test_robots_are_obeyed(outlet: Outlet, read: Read, lake: str) -> None:
    closed, broken = (outlet.site(f"o{number}.outlet.test", stories=1) for number in (1, 2))
    closed.robots = "User-agent: *\nDisallow: /tin/\n"
    broken.robots = Reply(status=500)
    read(closed.url("/tin/bai-0.html"), broken.url("/tin/bai-0.html"))
    assert {*states(lake).values()} == {("rejected", "robots_disallowed"), ("later", "robots_unavailable")}
    assert closed.paths("/tin/") == broken.paths("/tin/") == []


def test_a_second_run_asks_for_no_article_and_adds_no_row(
    outlet: Outlet, read: Read, lake: str, catalogue: Path
) -> None:
    site, other = (outlet.site(f"o{number}.outlet.test", stories=12) for number in (1, 2))
    add_source(catalogue, site.base)
    add_source(catalogue, other.base, feeds=(), sitemaps=("/sitemap-index.xml",))
    first = read()
    assert (first.rows["articles"], counts(lake)["pages"]) == (24, 24)
    before, asked = counts(lake), len(site.paths("/tin/")) + len(other.paths("/tin/"))
    assert asked == 24
    again = read()
    assert again.read == 0
    assert {report.source: report.links - report.known for report in again.sources} == {"o1": 0, "o2": 0}
    assert len(site.paths("/tin/")) + len(other.paths("/tin/")) == asked
    assert counts(lake) == before


def test_only_what_is_new_is_read(outlet: Outlet, read: Read, lake: str, catalogue: Path) -> None:
    site = outlet.site("o01.outlet.test", stories=3)
    add_source(catalogue, site.base)
    read()
    site.publish(2)
    assert read().rows["articles"] == 2
    assert Counter(site.paths("/tin/")).most_common(1)[0][1] == 1


def test_one_article_is_asked_for_once_whoever_links_it(outlet: Outlet, read: Read, lake: str, catalogue: Path) -> None:
    site = outlet.site("o01.outlet.test", stories=4)
    add_source(catalogue, site.base, feeds=("/feed.xml", "/atom.xml"), sitemaps=("/sitemap.xml",))
    tracked = site.url("/tin/bai-1.html?utm_source=zalo&fbclid=x")
    read(tracked, sources=("o01",))
    assert Counter(site.paths("/tin/")) == Counter(f"/tin/bai-{number}.html" for number in range(4))
    assert counts(lake)["articles"] == 4


def test_bad_feeds_are_told_and_good_ones_read(outlet: Outlet, read: Read, lake: str, catalogue: Path) -> None:
    site = outlet.site("o01.outlet.test", stories=2)
    add_source(catalogue, site.base, feeds=("/feed-entities.xml", "/feed.xml", "/no-feed.xml"))
    (report,) = read().sources
    assert report.feeds == {"rejected": 2, "fetched": 1}
    assert len(report.problems) == 2
    assert counts(lake)["articles"] == 2


def test_a_link_put_off_is_tried_again_when_its_time_has_come(
    outlet: Outlet, read: Read, lake: str, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = outlet.site("o01.outlet.test", stories=1)
    add_source(catalogue, site.base)
    site.pages["/tin/bai-0.html"] = Reply(status=503)
    assert read().put_off == {"http_503": 1}
    del site.pages["/tin/bai-0.html"]
    site.stories.clear()
    story = site.publish(1)[0]
    assert read().read == 0, "its time has not come"
    monkeypatch.setattr("tasks.lake.query.history._PUT_OFF", _due_at_once())
    assert read().rows["articles"] == 1
    assert states(lake) == {site.url(story.path): ("stored", None)}


def _due_at_once() -> str:
    from tasks.lake.query.history import _PUT_OFF

    return _PUT_OFF.replace("o.retry_at <= $now", "$now IS NOT NULL")


def test_a_run_that_breaks_off_leaves_nothing_unread(
    outlet: Outlet, read: Read, lake: str, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = outlet.site("o01.outlet.test", stories=30)
    add_source(catalogue, site.base)
    append = iter([True, False])

    def break_off(*_: object, **__: object) -> bool:
        if not next(append, False):
            raise StopFlow("the disk is full")
        return True

    from flows.run import batch as steps

    whole = steps.append_batch
    monkeypatch.setattr(steps, "append_batch", lambda *a, **k: break_off() and whole(*a, **k))
    with pytest.raises(StopFlow, match="disk"):
        read(batch_size=5)
    monkeypatch.undo()
    left = counts(lake)
    assert 0 < left["articles"] < 30
    read()
    assert counts(lake)["articles"] == 30
    assert Counter(state for state, _ in states(lake).values()) == {"stored": 30}


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_jumps_stores_nothing_twice_and_loses_nothing(
    outlet: Outlet, pool: WorkerPool, lake: str, catalogue: Path, jump: timedelta
) -> None:
    site = outlet.site("o01.outlet.test", stories=6)
    add_source(catalogue, site.base)
    settings = IngestSettings(
        batch_size=2,
        catalogue=str(catalogue),
        links=LinkLimits(sitemap_days=10_000, max_sitemap_days=10_000),
        fetching=replace(QUICK, allowed_hosts=outlet.allowed_hosts),
    )
    for round_number in range(3):  # in the first the clock jumps, in the second it is back
        run = prepare_run("test", "tests", lake, settings, pool)
        if round_number == 0:
            run.clock = _jumping(jump)
        with thread_steps() as steps:
            ingest_inputs(InputSelection(), run, steps)
        site.publish(1)
    assert rows(lake, "SELECT count(*), count(DISTINCT url) FROM articles") == [(8, 8)]
    assert rows(lake, "SELECT count(*) FROM read_parquet(getvariable('parley_stored'))") == [(8,)]
    assert {*states(lake).values()} == {("stored", None)}
    assert set(Counter(site.paths("/tin/")).values()) == {1}
    problems = {problem.message.partition(":")[0] for problem in find_problems(lake)}
    assert problems == ({"was written by a clock that was ahead"} if jump > timedelta() else set())


def _jumping(jump: timedelta) -> Callable[[], datetime]:
    """The time, until somebody has asked for it four times."""
    calls = itertools.count()
    return lambda: datetime.now(UTC) + (jump if next(calls) > 3 else timedelta())


def test_copies_name_their_original(outlet: Outlet, read: Read, lake: str, catalogue: Path) -> None:
    first, second = (outlet.site(f"o{number}.outlet.test", stories=1) for number in (1, 2))
    second.stories[:] = first.stories
    read(first.url("/tin/bai-0.html"))
    read(second.url("/tin/bai-0.html"))
    found = rows(lake, "SELECT article_id, near_duplicate_of FROM articles ORDER BY url")
    assert [original for _, original in found] == [None, found[0][0]]


def test_no_host_is_asked_faster_than_allowed(outlet: Outlet, read: Read, lake: str, catalogue: Path) -> None:
    sites = [outlet.site(f"o{number}.outlet.test", stories=8) for number in range(6)]
    for site in sites:
        add_source(catalogue, site.base, interval=0.1)
    read()
    assert counts(lake)["articles"] == 48
    assert min(gap for site in sites for gap in site.gaps()) >= 0.095, "seconds; clocks are read a little apart"


@pytest.mark.long
def test_killed_again_and_again_it_ends_with_the_rows_of_one_run(
    outlet: Outlet,
    read: Read,
    lake: str,
    catalogue: Path,
    tmp_path: Path,
    command: list[str],
    environment: dict[str, str],
) -> None:
    sites = [outlet.site(f"o{number}.outlet.test", stories=15) for number in range(4)]
    for site in sites:
        add_source(catalogue, site.base, interval=0.02)
    read()
    killed = str(tmp_path / "killed")
    arguments = [
        "ingest",
        "--catalogue",
        str(catalogue),
        "--lake",
        killed,
        "--direct",
        "--batch-size",
        "3",
        "--workers",
        "1",
    ]
    own = environment | {"PARLEY_ALLOWED_HOSTS": " ".join(outlet.allowed_hosts), "PARLEY_CONTACT": "tests@outlet.test"}
    chance = random.Random(11)
    for _ in range(3):
        with subprocess.Popen([*command, *arguments], env=own, stderr=subprocess.PIPE, text=True) as run:
            assert run.stderr
            lines = (line for line in run.stderr if " stored" in line)
            next(itertools.islice(lines, chance.randrange(1, 8), None), None)
            time.sleep(chance.random() / 20)  # anywhere within a batch
            run.kill()
    assert counts(killed)["articles"] > 0
    finished = subprocess.run([*command, *arguments], env=own, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    for table in ("articles", "meetings", "quotes", "topics"):
        ids = {"articles": "article_id, input, text_sha256, title, published_at"}.get(table, "* EXCLUDE batch_id")
        query = f"SELECT {ids} FROM {table} ORDER BY ALL"
        assert rows(killed, query) == rows(lake, query)
    assert states(killed) == states(lake)
    assert find_problems(killed) == ()


def test_pages_are_not_kept_where_nobody_wants_them(
    outlet: Outlet, lake: str, parley: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    link = outlet.site("o01.outlet.test", stories=1).url("/tin/bai-0.html")
    hosts = " ".join(outlet.allowed_hosts)
    named = {"PARLEY_ALLOWED_HOSTS": hosts, "PARLEY_CONTACT": "tests@outlet.test", "PARLEY_LAKE": lake}
    run = parley("ingest", link, "--direct", "--no-keep-pages", **named)
    assert run.returncode == 0, run.stderr
    assert (counts(lake)["articles"], counts(lake)["pages"]) == (1, 0)


def test_stored_pages_can_be_cleaned_again(outlet: Outlet, read: Read, lake: str, catalogue: Path) -> None:
    """By a cleaner that has learnt something; where no page is kept, the text stays as it is."""
    first, second = (outlet.site(f"o{number}.outlet.test", stories=3) for number in (1, 2))
    for site in (first, second):
        add_source(catalogue, site.base)
    read()
    before = counts(lake)
    originals = rows(lake, "SELECT article_id, near_duplicate_of FROM articles ORDER BY 1")
    assert {original for _, original in originals} - {None}, "stories of the outlet are much alike"
    settings = IngestSettings(workers=1, catalogue=str(catalogue))
    stages = replace(STAGES, clean=clean_better)
    summary = reextract_lake(lake, settings, EVERY_PAGE, stages=stages)
    assert (summary.read, summary.rejected) == (6, {})
    assert rows(lake, "SELECT DISTINCT authors FROM articles") == [(["A better cleaner"],)]
    assert rows(lake, "SELECT article_id, near_duplicate_of FROM articles ORDER BY 1") == originals
    assert counts(lake) == before, "no page is kept twice"
    assert find_problems(lake) == ()
    for file in Path(lake).glob("pages/2*/*.parquet"):
        file.unlink()
    assert reextract_lake(lake, settings, EVERY_PAGE, stages=stages).rows["articles"] == 6
    assert counts(lake) == before | {"pages": 0}


def clean_better(page: Page, *, limits: CleanLimits, languages: Sequence[str]) -> Article:
    return replace(clean_page(page, limits=limits, languages=languages), authors=("A better cleaner",))


def test_every_input_of_a_hostile_world_ends_somewhere_and_the_sum_says_so(
    outlet: Outlet, read: Read, lake: str, catalogue: Path
) -> None:
    sites = [outlet.site(f"o{number}.outlet.test", stories=6) for number in range(3)]
    lists = (
        {"feeds": ("/feed-faults.xml", "/feed.xml", "/feed-as-html.xml", "/feed-entity-bomb.xml", "/no-feed.xml")},
        {"feeds": ("/feed-malformed.xml", "/feed-tracking.xml", "/feed-inward.xml"), "sitemaps": ("/sitemap.xml.gz",)},
        {"feeds": ("/atom.xml",), "sitemaps": ("/sitemap-indexes.xml", "/sitemap-ampersands.xml")},
    )
    for site, named in zip(sites, lists, strict=True):
        add_source(catalogue, site.base, **named)
    given = (sites[0].url("/fault/404/given"), "https://lan:bimat@khac.example/a")
    summary = read(*given, sources=("o0", "o1", "o2"), total_timeout_seconds=1.0)
    account = dict(summary.account)
    assert (account.pop("lost"), account.pop("seen")) == (0, summary.read)
    assert sum(account.values()) == summary.read
    assert all(account[end] > 0 for end in ("stored", "rejected", "later"))
    for report in summary.sources:
        assert sum(report.asked.values()) == report.links - report.known + report.requested, report.source
    assert summary.read == sum(sum(report.asked.values()) for report in summary.sources) + 1, "one was no link"
    asked_without_outcome = """
        SELECT DISTINCT input FROM fetches WHERE kind = 'article'
        EXCEPT SELECT input FROM outcomes"""
    assert rows(lake, asked_without_outcome) == []
    assert rows(lake, "SELECT count(*) FROM outcomes") == [(summary.read,)]
    told = dict(rows(lake, "SELECT input, code FROM fetches WHERE kind = 'feed' AND code IS NOT NULL"))
    assert told[sites[1].url("/feed-inward.xml")] == "no_links"
    assert told[sites[2].url("/sitemap-ampersands.xml")] == "entries_dropped"
    assert rows(lake, "SELECT count(*) FROM outcomes WHERE input LIKE '%bimat%' OR message LIKE '%bimat%'") == [(0,)]
    again = read(sources=("o0", "o1", "o2"), total_timeout_seconds=1.0)
    assert again.account["lost"] == 0 and again.account["stored"] == 0


def test_a_page_whose_worker_is_lost_is_put_off_and_asked_for_again(
    outlet: Outlet, pool: WorkerPool, lake: str, catalogue: Path
) -> None:
    site = outlet.site("o01.outlet.test", stories=2)
    add_source(catalogue, site.base)
    settings = IngestSettings(
        catalogue=str(catalogue),
        limits=CleanLimits(page_timeout_seconds=1.0),
        fetching=replace(QUICK, allowed_hosts=outlet.allowed_hosts, runs=2),
    )

    def run_once(clean: Callable[..., Article]) -> IngestSummary:
        run = prepare_run("test", "tests", lake, settings, pool)
        run.stages = replace(STAGES, clean=clean)
        with thread_steps() as steps:
            return ingest_inputs(InputSelection(), run, steps)

    first = run_once(hang_on_the_first_story)
    assert (first.put_off, first.rejected, first.account["lost"]) == ({"page_timeout": 1}, {}, 0)
    link = site.url("/tin/bai-0.html")
    assert states(lake)[link] == ("later", "page_timeout")
    assert rows(lake, f"SELECT etag, retry_at > now() FROM fetches WHERE input = '{link}'") == [(None, True)]


def hang_on_the_first_story(page: Page, **options: Any) -> Article:
    while page.input.endswith("/bai-0.html"):
        pass
    return clean_page(page, **options)


def test_an_inbox_that_is_read_again_stores_nothing_twice(pool: WorkerPool, lake: str, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(5):
        text = f"Ngày 12/3/2024, bản tin số {number}: hai bên đã hội đàm tại Huế về nghề cá, du lịch và nông sản.\n"
        (inbox / f"{number}.txt").write_text(text * 3, "utf-8")
    (inbox / "empty.txt").touch()

    def run_once() -> IngestSummary:
        run = prepare_run("test", "tests", lake, IngestSettings(skip_known_files=True), pool)
        with thread_steps() as steps:
            return ingest_inputs(InputSelection(inputs=(str(inbox),)), run, steps)

    first = run_once()
    assert (first.account["stored"], first.rejected) == (5, {"empty": 1})
    again = run_once()
    assert (again.read, again.passed_over) == (0, {"known": 6})
    stored = rows(lake, "SELECT count(*) FROM read_parquet(getvariable('parley_stored'))")
    (inbox / "3.txt").write_text("Ngày 13/3/2024, hai bên đã hội đàm tại Đà Nẵng về hợp tác giáo dục và y tế.\n" * 3)
    os.utime(inbox / "4.txt", (1, 1))
    third = run_once()
    assert (third.account["stored"], third.unchanged, third.passed_over) == (1, 1, {"known": 4})
    assert rows(lake, "SELECT count(*) FROM read_parquet(getvariable('parley_stored'))") == [(stored[0][0] + 1,)]


def test_a_page_that_was_never_stored_is_asked_for_in_full(outlet: Outlet, read: Read, lake: str) -> None:
    site = outlet.site("o01.outlet.test", stories=1)
    link = site.url("/tin/bai-0.html")
    site.pages["/tin/bai-0.html"] = Reply(headers={"Content-Type": "text/html", "ETag": '"1"'}, body=b"<p>x</p>")
    read(link)
    read(link)
    assert [visit.headers.get("if-none-match") for visit in site.visits if visit.path.startswith("/tin")] == [None] * 2


def test_a_list_of_links_without_an_end_is_read_up_to_its_bound(pool: WorkerPool, lake: str) -> None:
    settings = IngestSettings(fetching=QUICK, links=LinkLimits(max_list_bytes=1_000))
    run = prepare_run("test", "tests", lake, settings, pool)
    with thread_steps() as steps:
        summary = ingest_inputs(InputSelection(lists=("/dev/zero",)), run, steps)
    assert summary.rejected == {"too_large": 1}
