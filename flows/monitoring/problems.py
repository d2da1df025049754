"""What needs a person, in words: of a lake, and of the Prefect server that runs report to."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flows.monitoring.health import LakeHealth
from flows.server.api import Deployment, PrefectState

__all__ = ["find_lake_problems", "find_prefect_problems", "format_span"]

MOST_SMALL_FILES = 5_000
"""A query over ten thousand small files takes seconds."""
MOST_REJECTED = 0.5
LEAST_INPUTS = 20
"""Of fewer inputs, a share says nothing."""
LATE = timedelta(minutes=30)
"""A run may wait for another one of its flow; after so long nobody is there to begin it."""
MISSED_INTERVALS = 2
"""One run may have been skipped because another one was under way."""


def find_lake_problems(lake: LakeHealth, now: datetime) -> Iterator[str]:
    """Yield what needs a person in a lake."""
    if lake.articles_ahead:
        yield (
            f"a clock that was ahead has dated {lake.articles_ahead:,} articles later than now: "
            "`parley verify` names their files"
        )
    fresh, size, broken_files = lake.fresh, lake.size, lake.broken_files
    for source in lake.silent:
        usual = f" (its usual pause is {format_span(source.usual_pause)})" if source.usual_pause else ""
        look = "look at its artifact and feeds" if source.is_watched else "look at where its files come from"
        yield f"{source.source} has given no article for {format_span(now - source.heard)}{usual}: {look}"
    if fresh.inputs >= LEAST_INPUTS and fresh.rejected > MOST_REJECTED * fresh.inputs:
        yield f"{fresh.rejected:,} of {fresh.inputs:,} inputs were rejected: the table `rejects` says why"
    if broken_files:
        yield (
            f"{broken_files:,} broken files lie in the folder `broken` of the lake, and rows of them are missing: "
            "read their articles again as `parley repair` advised, then delete the folder"
        )
    if size.small_files > MOST_SMALL_FILES:
        yield f"{size.small_files:,} small files make queries slow: run `parley maintain`"


def find_prefect_problems(prefect: PrefectState, now: datetime) -> Iterator[str]:
    """Yield what needs a person at a Prefect server: above all, that nothing is read."""
    if prefect.error:
        yield f"no Prefect server answers at {prefect.url} ({prefect.error})"
    if (run := prefect.last_run) and run.state != "Completed":
        yield f"the last run, {run.name}, is {run.state}: {run.message or 'its log says why'}"
    overdue = [run for run in prefect.late if run.start and now - run.start > LATE]
    if overdue:
        yield f"{len(overdue)} scheduled runs have not begun: is a worker, or `parley serve`, running?"
    busy = {run.deployment_id for run in prefect.running}
    for one in prefect.deployments:
        if one.scheduled and one.deployment_id not in busy:
            yield from _find_missed_runs(one, now)


def _find_missed_runs(one: Deployment, now: datetime) -> Iterator[str]:
    if one.next_run is None:
        yield f"{one.name} has a schedule, but no run of it is waiting: does the server's scheduler work? See its log"
    elif one.interval and one.last_run and now - one.last_run > MISSED_INTERVALS * one.interval:
        every, ago = format_span(one.interval), format_span(now - one.last_run)
        yield f"{one.name} should run every {every}, but its last run ended {ago} ago: is `parley serve` running?"


def format_span(span: timedelta) -> str:
    """Return a duration in its two largest units at most: ``3 d 4 h``, ``12 min``, ``40 s``."""
    seconds = max(0, round(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
