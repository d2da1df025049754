"""One ingest run: read what is wanted, take it through all steps into the lake, and remember the feeds as read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from secrets import token_hex

from flows.run.context import RunContext
from flows.run.inputs import InputSelection, plan_fetching, read_local_inputs
from flows.run.pipeline import Steps, run_batches
from flows.run.progress import FINISHED
from flows.run.summary import IngestSummary
from schemas.fetches import Fetch
from schemas.stream import InputItem
from tasks.lake import Batch, append_batch

__all__ = ["ingest_inputs"]


def ingest_inputs(wanted: InputSelection, run: RunContext, steps: Steps) -> IngestSummary:
    """Read everything wanted and take it through all steps into the lake: files first, then the web.

    Args:
        wanted: What to read.
        run: What all batches share.
        steps: What is done with each batch.

    Raises:
        StopFlow: There is no such source, a setting makes no sense, the lake cannot be written, or the worker
            processes are gone.
    """
    passed = Counter[str]()
    files = read_local_inputs(wanted, run, passed)
    if wanted.needs_web:
        refused, watch = plan_fetching(wanted, run)
        items: Iterator[InputItem] = chain(files, refused, watch.read())
        summary = run_batches(items, run, steps)
        _store_feeds(watch.finished_feeds(), run)
        summary = replace(summary, passed_over=dict(+passed), sources=watch.reports)
    else:
        summary = replace(run_batches(files, run, steps), passed_over=dict(+passed))
    FINISHED.get()(summary)
    return summary


def _store_feeds(feeds: Sequence[Fetch], run: RunContext) -> None:
    """Remember feeds as read, now that all they led to is stored."""
    if not feeds:
        return
    now = run.clock()
    batch = Batch(
        batch_id=f"{now:%Y%m%dT%H%M%S%f}-{token_hex(3)}",
        run_id=run.run_id,
        extracted_at=now,
        articles=(),
        meetings=(),
        quotes=(),
        topics=(),
        rejects=(),
        extractor=run.extractor,
        fetches=tuple(feeds),
    )
    append_batch(run.lake, batch, written_at=now)
