"""What the processes of the torture do to one lake: append, extract anew, maintain, query; killed at any moment."""

import os
import random
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from json import dumps
from pathlib import Path
from secrets import token_hex
from typing import Any

import pyarrow.parquet as pq
from torture.story import ARTICLES, look, make_story, now, story_of, versions

from schemas.articles import Article
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import ArticleSelection, append_batch, maintain_lake, stored_articles

STORIES = 40
"""Few, so that writers meet."""
SETTINGS = MaintainSettings(target_bytes=60_000, grace=timedelta(seconds=4), leftover=timedelta(seconds=60))


def run_job(name: str, folder: Path, seed: int, dies_at: int | None) -> None:
    """Do one thing over and over, until the file ``stop`` is there.

    Args:
        name: ``append``, ``reextract``, ``maintain`` or ``query``.
        folder: Holds the lake, ``stop``, and the reports of what was written.
        seed: Of the random choices.
        dies_at: The step of a write at which to die, counted from the start of the process; None to live on.
    """
    if dies_at is not None:
        _die_at(dies_at)
    chance = random.Random(seed)
    with (folder / f"{name}-{os.getpid()}.log").open("a", buffering=1) as report:
        while not (folder / "stop").exists():
            try:
                JOBS[name](folder, chance, lambda line: print(line, file=report))
            except StopFlow as stop:
                # Foreseen: a file was compacted and deleted while it was read. Whatever it is, it is counted.
                print(dumps({"told": 1, "why": str(stop)}), file=report)


def _append(folder: Path, chance: random.Random, report: Callable[[str], None]) -> None:
    story, fetched = chance.randrange(STORIES), now()
    _write(folder, story, (fetched, now()), report)


def _reextract(folder: Path, chance: random.Random, report: Callable[[str], None]) -> None:
    """Read some stories, and write them again with the time of today."""
    wanted = chance.sample(range(STORIES), 3)
    choice = ArticleSelection(before=datetime.now(UTC), languages=("vi",), where=f"source IN {tuple(map(str, wanted))}")
    read: defaultdict[tuple[int, int], list[Article]] = defaultdict(list)
    for article in stored_articles(folder / "lake", choice):
        read[story_of(article)].append(article)
    for (story, fetched), articles in read.items():
        # Copies of a story may be read from two batches, one before and one after it was appended anew.
        if len({article.article_id for article in articles}) == ARTICLES:
            _write(folder, story, (fetched, now()), report)


def _maintain(folder: Path, _: random.Random, report: Callable[[str], None]) -> None:
    def tell(_done: int, _total: int) -> None:
        report(dumps({"made": 1}))

    done = maintain_lake(folder / "lake", SETTINGS, clock=lambda: datetime.now(UTC), tell=tell)
    report(dumps({"ended": 1, "deleted_files": done.deleted_files, "compacted": done.compacted}))


def _query(folder: Path, _: random.Random, report: Callable[[str], None]) -> None:
    known = versions(reported(folder))
    seen = look(folder / "lake")
    missing = sum(seen.stories.get(story, (0, 0)) < version for story, version in known.items())
    counts = {"partial": seen.partial, "lost": seen.lost + missing, "doubled": seen.doubled}
    report(dumps({"stories": len(seen.stories), **counts}))


JOBS = {"append": _append, "reextract": _reextract, "maintain": _maintain, "query": _query}


def reported(folder: Path) -> Iterator[str]:
    """A line for each story that a writer knows to be written; a writer may die over its last line."""
    for log in [*folder.glob("append-*.log"), *folder.glob("reextract-*.log")]:
        lines = log.read_text().splitlines(keepends=True)
        yield from (line for line in lines if line.endswith("\n") and not line.startswith("{"))


def _write(folder: Path, story: int, version: tuple[int, int], report: Callable[[str], None]) -> None:
    batch = make_story(story, version, f"{version[1]}-{token_hex(3)}")
    append_batch(folder / "lake", batch, written_at=datetime.now(UTC))
    report(f"{story} {version[0]} {version[1]}")


def _die_at(step: int) -> None:
    """Have every call that changes the disk count as two steps, one before it and one after it."""
    steps = iter(range(step))

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            _pass(steps)
            result = call(*arguments, **options)
            _pass(steps)
            return result

        return called

    os.link, os.fsync, os.replace, os.unlink = map(dying, (os.link, os.fsync, os.replace, os.unlink))
    pq.write_table = dying(pq.write_table)


def _pass(steps: Iterator[int]) -> None:
    if next(steps, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
