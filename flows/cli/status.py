"""``parley status``: what is scheduled, how the last run went, how fresh the rows are, what needs a person."""

import json as json_text
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from flows.cli.numbers import Span
from flows.monitoring.health import (
    LakeHealth,
    count_articles_ahead,
    count_broken_files,
    measure_freshness,
    measure_size,
    source_health,
)
from flows.monitoring.problems import find_lake_problems, find_prefect_problems, format_span
from flows.server.api import PrefectState, ask_prefect
from flows.server.local import missing_server, use_running_server
from schemas.errors import StopFlow
from tasks.lake import open_lake

__all__ = ["Status", "status"]

SILENT_HOURS = 48.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything there is to say at a moment."""

    at: datetime
    lake: str
    lake_status: LakeHealth | None
    """None if the lake cannot be read; the problems say why."""
    prefect: PrefectState | None
    """None if no server is known of."""
    problems: tuple[str, ...]
    """What needs a person, in words; empty if all is well."""


def status(*, lake: str = "lake", hours: Span = 24, silent_hours: Span = SILENT_HOURS, json: bool = False) -> int:
    """Say how it goes.

    Args:
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        hours: How far back freshness and rejects are measured.
        silent_hours: From when on a source counts as silent that has given too few articles for a rhythm of its own.
        json: Print everything as one JSON object; times in UTC, durations in seconds.

    Returns:
        The exit code: 0 if all is well, 1 if something needs a person, 2 if there is no lake that can be read.
    """
    found = _look(lake, datetime.now(UTC), hours, timedelta(hours=silent_hours))
    if json:
        sys.stdout.write(json_text.dumps(asdict(found), default=_to_json, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{name:<10} {line}\n" for name, line in _describe(found))
    if found.lake_status is None:
        return 2
    return 1 if found.problems else 0


def _look(lake: str, now: datetime, hours: float, silence: timedelta) -> Status:
    use_running_server()
    url = os.environ.get("PREFECT_API_URL")
    prefect = ask_prefect(url) if url else None
    problems = list(find_prefect_problems(prefect, now)) if prefect else []
    if gone := missing_server():
        problems.append(
            f"the Prefect server that `parley up` started at {gone} is gone: start it again with `parley up`"
        )
    try:
        lake_status = _look_at_lake(lake, now, hours, silence)
    except StopFlow as error:
        return Status(at=now, lake=lake, lake_status=None, prefect=prefect, problems=(*problems, str(error)))
    found = find_lake_problems(lake_status, now)
    return Status(at=now, lake=lake, lake_status=lake_status, prefect=prefect, problems=(*found, *problems))


def _look_at_lake(lake: str, now: datetime, hours: float, silence: timedelta) -> LakeHealth:
    size = measure_size(lake)
    with open_lake(lake) as connection:
        fresh, sources = measure_freshness(connection, now, hours=hours), source_health(connection, now)
        ahead = count_articles_ahead(connection, now)
    return LakeHealth(
        size=size,
        fresh=fresh,
        sources=sources,
        silent=tuple(source for source in sources if source.is_silent(now, silence)),
        broken_files=count_broken_files(lake),
        articles_ahead=ahead,
    )


def _to_json(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else str(value)


def _describe(found: Status) -> Iterator[tuple[str, str]]:
    yield from _describe_prefect(found.prefect, found.at)
    if found.lake_status:
        yield from _describe_lake(found.lake, found.lake_status, found.at)
    for problem in found.problems:
        yield "PROBLEM", problem
    if not found.problems:
        yield "all well", ""


def _describe_lake(lake: str, found: LakeHealth, now: datetime) -> Iterator[tuple[str, str]]:
    fresh, size = found.fresh, found.size
    span = format_span(now - fresh.since)
    if fresh.median_seconds is None or fresh.p95_seconds is None:
        yield "lag", f"no article with a time of publication in the last {span}"
    else:
        median, late = timedelta(seconds=fresh.median_seconds), timedelta(seconds=fresh.p95_seconds)
        lags = f"median {format_span(median)}, 95th percentile {format_span(late)}"
        yield "lag", f"{lags} ({fresh.articles:,} articles in {span})"
    yield "inputs", f"{fresh.inputs:,} in {span}, {fresh.rejected:,} rejected, {fresh.put_off:,} put off"
    watched = sum(source.is_watched for source in found.sources)
    yield "sources", f"{watched} watched, {len(found.sources) - watched} fed from files, {len(found.silent)} silent"
    yield "lake", f"{lake}: {size.files:,} files, {size.size_bytes / 1e6:,.1f} MB; {size.small_files:,} small ones"


def _describe_prefect(prefect: PrefectState | None, now: datetime) -> Iterator[tuple[str, str]]:
    if prefect is None:
        yield "prefect", "no server (PREFECT_API_URL is not set, and `parley up` has started none)"
        return
    yield "prefect", f"{prefect.url} {'does not answer' if prefect.error else 'answers'}"
    for one in prefect.deployments:
        coming = f"next {format_span(one.next_run - now)} from now" if one.next_run else "no run is waiting"
        yield "scheduled", f"{one.name}: {'paused' if one.paused else coming if one.scheduled else 'by hand'}"
    yield from (("running", run.name) for run in prefect.running)
    if run := prefect.last_run:
        began = f", began {format_span(now - run.start)} ago" if run.start else ""
        yield "last run", f"{run.name}: {run.state}{began}, took {run.seconds:.0f} s"
