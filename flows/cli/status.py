"""``parley status``: what is scheduled, how the last run went, how fresh the rows are, what needs a person."""

import json as json_text
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from flows.cli.output.messages import count
from flows.monitoring.health import (
    Freshness,
    LakeSize,
    SourceHealth,
    count_articles_ahead,
    measure_freshness,
    measure_size,
    source_health,
)
from flows.server.api import PrefectState, ask_prefect
from flows.server.local import running_server
from tasks.lake import open_lake

__all__ = ["Status", "status"]

SILENT_HOURS = 48.0
MOST_SMALL_FILES = 5_000
"""A query over ten thousand small files takes seconds."""
MOST_REJECTED = 0.5
LEAST_INPUTS = 20
"""Of fewer inputs, a share says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything there is to say at a moment."""

    at: datetime
    lake: str
    size: LakeSize
    fresh: Freshness
    sources: tuple[SourceHealth, ...]
    silent: tuple[SourceHealth, ...]
    prefect: PrefectState | None
    """None if no server is known of."""
    problems: tuple[str, ...]
    """What needs a person, in words; empty if all is well."""


def status(*, lake: str = "lake", hours: float = 24, silent_hours: float = SILENT_HOURS, json: bool = False) -> None:
    """Say how it goes; exit with 1 if something needs a person.

    Args:
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        hours: How far back freshness and rejects are measured.
        silent_hours: A source that has given no article for so long counts as silent.
        json: Print everything as one JSON object; times in UTC, durations in seconds.
    """
    now = datetime.now(UTC)
    url = os.environ.get("PREFECT_API_URL") or running_server()
    told = _status(lake, now, hours, timedelta(hours=silent_hours), ask_prefect(url) if url else None)
    if json:
        sys.stdout.write(json_text.dumps(asdict(told), default=str, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{name:<10} {line}\n" for name, line in _lines(told))
    if told.problems:
        raise SystemExit(1)


def _status(lake: str, now: datetime, hours: float, silence: timedelta, prefect: PrefectState | None) -> Status:
    size = measure_size(lake)
    with open_lake(lake) as connection:
        fresh, sources = measure_freshness(connection, now, hours=hours), source_health(connection)
        ahead = count_articles_ahead(connection, now)
    silent = tuple(source for source in sources if source.is_silent(now, silence))
    problems = (
        *_clock_problems(ahead),
        *_lake_problems(size, fresh, silent, now),
        *(_prefect_problems(prefect, now) if prefect else ()),
    )
    return Status(
        at=now, lake=lake, size=size, fresh=fresh, sources=sources, silent=silent, prefect=prefect, problems=problems
    )


def _clock_problems(ahead: int) -> Iterator[str]:
    if ahead:
        yield f"{count(ahead, 'article')} were written by a clock that was ahead: `parley verify` names their files"


def _lake_problems(size: LakeSize, fresh: Freshness, silent: tuple[SourceHealth, ...], now: datetime) -> Iterator[str]:
    for source in silent:
        yield f"{source.source} has given no article for {_span(now - source.heard)}: look at its artifact and feeds"
    if fresh.inputs >= LEAST_INPUTS and fresh.rejected > MOST_REJECTED * fresh.inputs:
        yield f"{fresh.rejected:,} of {fresh.inputs:,} inputs were rejected: the table `rejects` says why"
    if size.small_files > MOST_SMALL_FILES:
        yield f"{size.small_files:,} small files make queries slow: run `parley maintain`"


def _prefect_problems(prefect: PrefectState, now: datetime) -> Iterator[str]:
    if prefect.error:
        yield f"no Prefect server answers at {prefect.url} ({prefect.error})"
    if prefect.last_run and prefect.last_run.state != "Completed":
        run = prefect.last_run
        yield f"the last run, {run.name}, is {run.state}: {run.message or 'its log says why'}"
    overdue = [run for run in prefect.late if run.start and now - run.start > timedelta(minutes=30)]
    if overdue:
        yield f"{len(overdue)} scheduled runs have not begun: is a worker, or `make serve`, running?"


def _lines(told: Status) -> Iterator[tuple[str, str]]:
    yield from _prefect_lines(told.prefect, told.at)
    fresh = told.fresh
    span = _span(told.at - fresh.since)
    if fresh.median_seconds is None or fresh.p95_seconds is None:
        yield "lag", f"no article with a time of publication in the last {span}"
    else:
        median, late = timedelta(seconds=fresh.median_seconds), timedelta(seconds=fresh.p95_seconds)
        yield "lag", f"median {_span(median)}, 95th percentile {_span(late)} ({fresh.articles:,} articles in {span})"
    yield "inputs", f"{fresh.inputs:,} in {span}, {fresh.rejected:,} rejected, {fresh.put_off:,} put off"
    yield "sources", f"{len(told.sources)} watched, {len(told.silent)} silent"
    size = told.size
    yield "lake", f"{told.lake}: {size.files:,} files, {size.size_bytes / 1e6:,.1f} MB; {size.small_files:,} small ones"
    for problem in told.problems:
        yield "PROBLEM", problem
    if not told.problems:
        yield "all well", ""


def _prefect_lines(prefect: PrefectState | None, now: datetime) -> Iterator[tuple[str, str]]:
    if prefect is None:
        yield "prefect", "no server (PREFECT_API_URL is not set, and `parley up` has started none)"
        return
    yield "prefect", f"{prefect.url} {'does not answer' if prefect.error else 'answers'}"
    for one in prefect.deployments:
        coming = f"next {_span(one.next_run - now)} from now" if one.next_run else "no run is waiting"
        yield "scheduled", f"{one.name}: {'paused' if one.paused else coming if one.scheduled else 'by hand'}"
    yield from (("running", run.name) for run in prefect.running)
    if run := prefect.last_run:
        began = f", began {_span(now - run.start)} ago" if run.start else ""
        yield "last run", f"{run.name}: {run.state}{began}, took {run.seconds:.0f} s"


def _span(span: timedelta) -> str:
    """A duration in its two largest units at most: ``3 d 4 h``, ``12 min``, ``40 s``."""
    seconds = max(0, round(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
