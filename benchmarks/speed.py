"""Articles per second and peak memory of cleaning alone, of the pure functions, and of the flow.

    make bench
    make bench BENCH="--articles 10000 --media txt"

Each part runs in a process of its own over the same pages. Compare ratios, not seconds: machines differ, and
even one machine from minute to minute.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.memory import PeakMemory
from benchmarks.pages import write_pages
from schemas.articles import Page
from schemas.settings import CleanLimits, IngestSettings
from seeds import SEEDS

BATCH = 50
WORKERS = 1


def bare(pages: Path, _: Path) -> dict[str, float]:
    """(a) A bare loop of trafilatura, with metadata."""
    from trafilatura import bare_extraction

    files = sorted(pages.rglob("*.*"))
    started = time.monotonic()
    for file in files:
        bare_extraction(file.read_bytes(), with_metadata=True)
    return {"articles": len(files), "seconds": time.monotonic() - started}


def pure(pages: Path, lake: Path) -> dict[str, float]:
    """(b) The pure functions in a loop: read, clean, annotate, extract, join, append."""
    from flows.run.worker import STAGES
    from tasks.lake import Batch, append_batch, create_lake
    from tasks.language.pack import pack_codes
    from tasks.read.files import read_files

    create_lake(lake)
    languages, limits, now = pack_codes(SEEDS), CleanLimits(), datetime.now(UTC)
    count, characters, extracting, started = 0, 0, 0.0, time.monotonic()
    inputs = read_files([pages], now=now, limits=limits)
    while batch := [page for page in islice(inputs, BATCH) if isinstance(page, Page)]:
        articles = [STAGES.clean(page, limits=limits, languages=languages) for page in batch]
        before = time.process_time()
        documents = [STAGES.annotate(article) for article in articles]
        found = [(d, STAGES.meetings(d), STAGES.quotes(d), STAGES.topics(d)) for d in documents]
        rows = [STAGES.join(*one) for one in found]
        extracting += time.process_time() - before
        meetings, quotes, topics = (tuple(row for one in rows for row in one[kind]) for kind in range(3))
        stored = Batch(
            batch_id=f"bench-{count:08d}",
            run_id="bench",
            extracted_at=now + timedelta(microseconds=count),
            articles=tuple(articles),
            meetings=meetings,
            quotes=quotes,
            topics=topics,
            rejects=(),
            extractor="bench",
        )
        append_batch(lake, stored, written_at=datetime.now(UTC))
        count += len(articles)
        characters += sum(len(article.text) for article in articles)
    seconds = time.monotonic() - started
    return {"articles": count, "seconds": seconds, "extracting": extracting, "characters": characters}


def direct(pages: Path, lake: Path) -> dict[str, float]:
    """(c) The stages of the flow in plain threads with one worker process, past the start of the worker."""
    from flows.run.context import open_run
    from flows.run.pipeline import run_batches, thread_steps
    from tasks.read.files import read_files

    settings = IngestSettings(workers=WORKERS, batch_size=BATCH)
    with open_run("bench", "bench", str(lake), settings) as run, thread_steps() as steps:
        summary = run_batches(read_files([pages], now=run.clock(), limits=settings.limits), run, steps)
    return {"articles": summary.rows["articles"], "seconds": summary.seconds}


def flow(pages: Path, lake: Path) -> dict[str, float]:
    """(d) The flow with one worker process, past the start of Prefect and of the worker."""
    from flows.server.settings import prepare_prefect

    prepare_prefect(verbose=False)
    from flows.server.temporary import connect

    wait_for_server = connect()
    from flows.ingest import ingest

    if reason := wait_for_server():
        raise SystemExit(reason)
    settings = IngestSettings(workers=WORKERS, batch_size=BATCH)
    summary = ingest([str(pages)], lake=str(lake), source="bench", settings=settings)
    return {"articles": summary.rows["articles"], "seconds": summary.seconds}


PARTS: dict[str, Callable[[Path, Path], dict[str, float]]] = {
    "bare": bare,
    "pure": pure,
    "direct": direct,
    "flow": flow,
}


def main() -> None:
    """Make the pages, run each part in its own process, print a table."""
    options = _options()
    if options.part:
        print(json.dumps(PARTS[options.part](options.pages, options.lake)))
        return
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        pages = Path(folder) / "pages"
        print(f"Writing {options.articles} {options.media} pages …", flush=True)
        write_pages(pages, options.articles, media=options.media)
        size = sum(file.stat().st_size for file in pages.rglob("*.*"))
        print(f"{size / options.articles / 1000:.0f} KB a page on average; batches of {BATCH}\n", flush=True)
        parts = [part for part in PARTS if part in options.only]
        results = {part: _measured(part, pages, Path(folder) / part) for part in parts}
    _conclude(results)


def _measured(part: str, pages: Path, lake: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.speed", "--part", part, "--pages", str(pages), "--lake", str(lake)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with PeakMemory(child.pid).watching() as memory:
        output, _ = child.communicate()
    if child.returncode:
        sys.exit(f"{part} failed")
    result: dict[str, float] = json.loads(output.splitlines()[-1])
    result["rate"] = result["articles"] / result["seconds"]
    server = f", Prefect's temporary server {memory.server_mb:.0f} MB" if memory.server_mb else ""
    title = (PARTS[part].__doc__ or "").splitlines()[0]
    print(f"{title}\n    {result['rate']:7.1f} articles/s, peak {memory.run_mb:.0f} MB{server}", flush=True)
    if "extracting" in result:
        print(
            f"    of which extraction: {1000 * result['extracting'] / result['articles']:.2f} ms of CPU an article, "
            f"{result['characters'] / result['extracting'] / 1000:.0f},000 characters/s",
            flush=True,
        )
    return result


def _conclude(results: dict[str, dict[str, float]]) -> None:
    print()
    for one, other in (("pure", "bare"), ("direct", "pure"), ("flow", "pure")):
        if one in results and other in results:
            print(f"{one} / {other}: {results[one]['rate'] / results[other]['rate']:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--media", choices=["html", "txt"], default="html")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--part", choices=list(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--pages", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--lake", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
