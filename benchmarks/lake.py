"""What a lake costs as it grows: milliseconds to append, to open it and to ask it, before and after `parley maintain`.

    make bench-lake
    python -m benchmarks.lake --batches 10 1000
    python -m benchmarks.lake --lake s3://bucket/bench --batches 10 100

Every batch holds the sample articles under names of their own. Each question is asked twice, as at the prompt of
`parley sql`, and all rows are fetched; the second time counts. Maintenance is run on a copy, in a process whose
peak memory is told; a lake in a bucket is measured before it only.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.memory import PeakMemory
from docs.generate.samples import sample_batch
from tasks.lake import Batch, Lake, append_batch, create_lake, open_lake

__all__ = ["QUESTIONS", "append_copies", "time_questions"]

BATCHES = (10, 1_000, 10_000)
TIMED_APPENDS = 20
"""Appends whose median counts: the first ones, and the last ones of every step."""

QUESTIONS = {
    "how many": "SELECT count(*) FROM quotes",
    "one person": "SELECT * FROM meetings_flat WHERE name = 'Vladimir Putin' ORDER BY date_start DESC LIMIT 20",
    "who is quoted": "SELECT speaker, count(*) AS quotes FROM quotes GROUP BY speaker ORDER BY quotes DESC LIMIT 5",
    "who met whom": "SELECT * FROM who_met_whom ORDER BY meetings DESC LIMIT 20",
    "ledger": "SELECT words, met, outlet FROM ledger WHERE topic_id = 'sanctions' ORDER BY published_at DESC LIMIT 20",
    "last weeks": "SELECT speaker, sentence FROM quotes_in_context WHERE published_at >= '2025-10-01' LIMIT 20",
}


def main() -> None:
    """Fill a lake step by step, and print what each step took."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        lake = options.lake or str(Path(folder) / "lake")
        steps: dict[str, dict[str, float]] = {}
        stored = 0
        for batches in sorted(options.batches):
            spent = append_copies(lake, range(stored, batches))
            stored = batches
            steps[f"{batches:,} batches"] = _appends(spent) | time_questions(lake)
            if "://" not in lake:
                steps["maintained"] = _maintained(Path(lake), Path(folder) / "copy")
            _print(steps)
            steps.clear()


def append_copies(lake: Lake, numbers: Iterable[int]) -> list[float]:
    """Append a copy of the sample articles for each number, made if need be into a new lake.

    Returns:
        Milliseconds that each append took, without the making of the batch.
    """
    create_lake(lake)
    sample = sample_batch()
    spent = []
    for number in numbers:
        batch = _copy(sample, number)
        started = time.perf_counter()
        append_batch(lake, batch, written_at=batch.extracted_at)
        spent.append(1_000 * (time.perf_counter() - started))
    return spent


def time_questions(lake: Lake) -> dict[str, float]:
    """Milliseconds that opening a lake takes, and then each of :data:`QUESTIONS`, to the last row."""
    started = time.perf_counter()
    with open_lake(lake) as connection:
        spent = {"opening": 1_000 * (time.perf_counter() - started)}
        for name, query in QUESTIONS.items():
            for _ in range(2):
                started = time.perf_counter()
                connection.execute(query).fetchall()
                spent[name] = 1_000 * (time.perf_counter() - started)
    return spent


def _maintained(lake: Path, copy: Path) -> dict[str, float]:
    """What the same takes on a copy that is compacted, after what that replaced is deleted."""
    shutil.copytree(lake, copy)
    started = time.monotonic()
    for grace in ("1", "0"):
        command = [sys.executable, "-m", "flows.cli.app", "maintain", "--json", "--grace", grace, "--lake", str(copy)]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        with PeakMemory(run.pid).watching() as memory:
            done = json.loads(run.communicate()[0])
        print(f"maintain: {done}, {time.monotonic() - started:.0f} s, peak {memory.run_mb:.0f} MB", flush=True)
    try:
        return time_questions(copy)
    finally:
        shutil.rmtree(copy)


def _appends(spent: Sequence[float]) -> dict[str, float]:
    first, last = spent[:TIMED_APPENDS], spent[-TIMED_APPENDS:]
    return {"append, first": statistics.median(first), "append, last": statistics.median(last)}


def _copy(sample: Batch, number: int) -> Batch:
    """The batch with ids of its own throughout."""

    def own(name: str) -> str:
        return f"{name}-{number:06d}"

    return replace(
        sample,
        batch_id=own("bench"),
        extracted_at=sample.extracted_at + timedelta(seconds=number),
        articles=tuple(replace(row, article_id=own(row.article_id), input=own(row.input)) for row in sample.articles),
        meetings=tuple(
            replace(row, article_id=own(row.article_id), meeting_id=own(row.meeting_id)) for row in sample.meetings
        ),
        quotes=tuple(
            replace(
                row,
                article_id=own(row.article_id),
                quote_id=own(row.quote_id),
                meeting_id=own(row.meeting_id) if row.meeting_id else None,
            )
            for row in sample.quotes
        ),
        topics=tuple(
            replace(row, article_id=own(row.article_id), target_id=own(row.target_id)) for row in sample.topics
        ),
    )


def _print(steps: dict[str, dict[str, float]]) -> None:
    print(f"{'milliseconds':<16}" + "".join(f"{step:>18}" for step in steps))
    for row in next(iter(steps.values())):
        print(f"{row:<16}" + "".join(f"{step[row]:>18,.1f}" if row in step else "" for step in steps.values()))
    print(flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, help="sizes of the lake to measure at")
    parser.add_argument("--lake", help="a lake that does not exist yet and stays; by default a temporary one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
