"""The way of batches through their steps, whoever runs them: Prefect's tasks, or plain threads.

    read ─► clean ─► admit ─┬─► meetings ─┐
                            ├─► quotes   ─┼─► append
                            └─► topics   ─┘

A few batches are on their way at a time; what is read is bounded by what is written.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from flows.run import batch as steps_of_batch
from flows.run.batch import PendingBatch, SeenArticles, admit_articles, fill_batches
from flows.run.context import RunContext
from flows.run.progress import LISTENER, Progress
from flows.run.summary import IngestSummary, Tally
from schemas.articles import Article
from schemas.rejects import Reject
from schemas.stream import InputItem

__all__ = ["STEP_THREADS", "PendingStep", "Step", "Steps", "ThreadTask", "run_batches", "thread_steps"]

STEP_THREADS = 16
"""Enough for five steps of each of three batches; they wait for the worker processes, not for the processor."""


class PendingStep(Protocol):
    """A step that has been started, as Prefect's futures and those of the standard library are."""

    def result(self) -> object:
        """Wait for its end; raises what the step raised."""


class Step(Protocol):
    """A step that can be started, as Prefect's tasks and `ThreadTask` are."""

    def submit(self, batch: PendingBatch, run: RunContext, *, wait_for: Sequence[PendingStep]) -> PendingStep:
        """Start the step once the given ones are done, and return at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What is done with each batch."""

    clean: Step
    extract: tuple[Step, ...]
    """They run side by side, between cleaning and appending."""
    append: Step


@dataclass(frozen=True, slots=True)
class ThreadTask:
    """A step that runs in a plain thread, without Prefect."""

    work: Callable[[PendingBatch, RunContext], None]
    threads: ThreadPoolExecutor

    def submit(self, batch: PendingBatch, run: RunContext, *, wait_for: Sequence[PendingStep]) -> Future[None]:
        """Start the step once the given ones are done, and return at once."""
        return self.threads.submit(self._work_after, wait_for, batch, run)

    def _work_after(self, earlier: Sequence[PendingStep], batch: PendingBatch, run: RunContext) -> None:
        for step in earlier:
            step.result()
        self.work(batch, run)


@contextmanager
def thread_steps() -> Iterator[Steps]:
    """Give the steps of a run as plain threads, without Prefect."""
    threads = ThreadPoolExecutor(STEP_THREADS, thread_name_prefix="step")
    extractors = (steps_of_batch.extract_meetings, steps_of_batch.extract_quotes, steps_of_batch.extract_topics)
    try:
        yield Steps(
            clean=ThreadTask(steps_of_batch.clean, threads),
            extract=tuple(ThreadTask(extract, threads) for extract in extractors),
            append=ThreadTask(steps_of_batch.append, threads),
        )
    finally:
        # Without waiting: after an error the steps under way end when the worker processes do.
        threads.shutdown(wait=False, cancel_futures=True)


def run_batches(inputs: Iterable[InputItem | Article], run: RunContext, steps: Steps) -> IngestSummary:
    """Take inputs through all steps into the lake.

    Args:
        inputs: What is read, or articles out of a lake; taken no further ahead than ``batches_in_flight`` batches.
        run: What all batches share.
        steps: What is done with each batch.

    Returns:
        Counts, seconds and the newest meetings.

    Raises:
        StopFlow: The lake cannot be written, a seed is broken, or the worker processes are gone.
    """
    started, tally = time.monotonic(), Tally()
    read = _count_read(fill_batches(inputs, run), tally)
    for batch in _write_batches(read, run, steps):
        if batch.report is not None:
            tally.add(batch.report)
            _report_progress(tally, written=True, rejects=batch.report.rejects)
        batch.release()
    seconds = time.monotonic() - started
    return tally.summary(run_id=run.run_id, source=run.source, lake=str(run.lake), seconds=seconds)


def _count_read(batches: Iterable[PendingBatch], tally: Tally) -> Iterator[PendingBatch]:
    for batch in batches:
        tally.read += batch.read
        _report_progress(tally, written=False)
        yield batch


def _report_progress(tally: Tally, *, written: bool, rejects: tuple[Reject, ...] = ()) -> None:
    stored, rejected = tally.rows["articles"], tally.rejected.total()
    LISTENER.get()(Progress(read=tally.read, stored=stored, rejected=rejected, written=written, rejects=rejects))


def _write_batches(batches: Iterable[PendingBatch], run: RunContext, steps: Steps) -> Iterator[PendingBatch]:
    """Yield batches in reading order, each once it is written; at most ``batches_in_flight`` are on their way."""
    queue = BatchQueue(run, steps)
    for batch in batches:
        while len(queue) >= run.settings.batches_in_flight:
            yield queue.finish_oldest()
        queue.clean(batch)
        while queue.waits_for_cleaning():
            queue.extract_oldest()
    while len(queue):
        yield queue.finish_oldest()


class BatchQueue:
    """The batches on their way: some are being cleaned, older ones are being extracted and written."""

    def __init__(self, run: RunContext, steps: Steps) -> None:
        self._run = run
        self._steps = steps
        self._seen = SeenArticles()
        self._cleaning: deque[tuple[PendingBatch, PendingStep]] = deque()
        self._writing: deque[tuple[PendingBatch, list[PendingStep]]] = deque()

    def __len__(self) -> int:
        return len(self._cleaning) + len(self._writing)

    def waits_for_cleaning(self) -> bool:
        """Return True if a batch waits for the one that is being cleaned, so that workers stay busy."""
        return len(self._cleaning) > 1

    def clean(self, batch: PendingBatch) -> None:
        """Begin to clean a batch."""
        self._cleaning.append((batch, self._steps.clean.submit(batch, self._run, wait_for=())))

    def extract_oldest(self) -> None:
        """Wait until the oldest batch is clean, then begin to extract and append its rows."""
        batch, cleaned = self._cleaning.popleft()
        cleaned.result()
        admit_articles(batch, self._seen, self._run)
        extracted = [step.submit(batch, self._run, wait_for=[cleaned]) for step in self._steps.extract]
        appended = self._steps.append.submit(batch, self._run, wait_for=extracted)
        self._writing.append((batch, [*extracted, appended]))

    def finish_oldest(self) -> PendingBatch:
        """Wait until the oldest batch is written, and return it."""
        if not self._writing:
            self.extract_oldest()
        batch, pending = self._writing.popleft()
        for step in pending:
            step.result()
        return batch
