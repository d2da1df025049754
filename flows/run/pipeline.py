"""The way of batches through their stages, whoever runs them: Prefect's tasks, or plain threads.

    read ─► clean ─► admit ─┬─► meetings ─┐
                            ├─► quotes   ─┼─► append
                            └─► topics   ─┘

A few batches are on their way at a time; what is read is bounded by what is written.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Literal, Protocol, TypeAlias

from flows.run import batch as drafts
from flows.run.batch import Draft, Run, Seen
from flows.run.progress import LISTENER, Progress
from flows.run.summary import IngestSummary, Tally
from schemas.articles import Article
from schemas.rejects import Reject
from schemas.stream import InputItem

__all__ = ["EXTRACTORS", "STEPS", "THREADS", "Pending", "Step", "StepName", "Submit", "plain_threads", "run_batches"]

StepName = Literal["clean", "meetings", "quotes", "topics", "append"]
Step: TypeAlias = Callable[[Draft, Run], None]
EXTRACTORS: tuple[StepName, ...] = ("meetings", "quotes", "topics")
THREADS = 16
"""Enough for five steps of each of three batches; they wait for the worker processes, not for the processor."""


class Pending(Protocol):
    """A step under way; Prefect's futures and those of the standard library are some."""

    def result(self) -> object:
        """Wait for its end; raises what the step raised."""


Submit: TypeAlias = Callable[[StepName, Draft, Run, Sequence[Pending]], Pending]
"""Starts a step of a batch once the given ones are done, and returns at once."""


def _find(kind: StepName) -> Step:
    return lambda draft, run: drafts.find(draft, run, kind)


STEPS: dict[StepName, Step] = {
    "clean": drafts.clean,
    **{kind: _find(kind) for kind in EXTRACTORS},
    "append": drafts.append,
}
"""What each step does to a draft."""


def run_batches(inputs: Iterable[InputItem | Article], run: Run, submit: Submit) -> IngestSummary:
    """Take inputs through all stages into the lake.

    Args:
        inputs: What is read, or articles out of a lake; taken no further ahead than ``batches_in_flight`` batches.
        run: What all batches share.
        submit: Runs the steps.

    Returns:
        Counts, seconds and the newest meetings.

    Raises:
        StopFlow: The lake cannot be written, a seed is broken, or the worker processes are gone.
    """
    started, tally = time.monotonic(), Tally()
    for draft in _written(_counted(drafts.drafts(inputs, run), tally), run, submit):
        if draft.report is not None:
            tally.add(draft.report)
            _tell(tally, written=True, rejects=draft.report.rejects)
        draft.release()
    seconds = time.monotonic() - started
    return tally.summary(run_id=run.run_id, source=run.source, lake=str(run.lake), seconds=seconds)


@contextmanager
def plain_threads() -> Iterator[Submit]:
    """Threads that run the steps, without Prefect."""
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="step")

    def submit(name: StepName, draft: Draft, run: Run, after: Sequence[Pending]) -> Pending:
        return threads.submit(_when_done, after, STEPS[name], draft, run)

    try:
        yield submit
    finally:
        # Without waiting: after an error the steps under way end when the worker processes do.
        threads.shutdown(wait=False, cancel_futures=True)


def _when_done(after: Sequence[Pending], step: Step, draft: Draft, run: Run) -> None:
    for pending in after:
        pending.result()
    step(draft, run)


def _counted(batches: Iterable[Draft], tally: Tally) -> Iterator[Draft]:
    for draft in batches:
        tally.read += draft.read
        _tell(tally, written=False)
        yield draft


def _tell(tally: Tally, *, written: bool, rejects: tuple[Reject, ...] = ()) -> None:
    stored, rejected = tally.rows["articles"], tally.rejected.total()
    LISTENER.get()(Progress(read=tally.read, stored=stored, rejected=rejected, written=written, rejects=rejects))


def _written(batches: Iterable[Draft], run: Run, submit: Submit) -> Iterator[Draft]:
    """Drafts in reading order, each once it is written; at most ``batches_in_flight`` are on their way."""
    line = _Line(run, submit)
    for draft in batches:
        while len(line) >= run.settings.batches_in_flight:
            yield line.finish_oldest()
        line.clean(draft)
        while line.queues_for_cleaning():
            line.extract_oldest()
    while len(line):
        yield line.finish_oldest()


class _Line:
    """The batches on their way: some being cleaned, older ones being extracted and written."""

    def __init__(self, run: Run, submit: Submit) -> None:
        self._run = run
        self._submit = submit
        self._seen = Seen()
        self._cleaning: deque[tuple[Draft, Pending]] = deque()
        self._writing: deque[tuple[Draft, list[Pending]]] = deque()

    def __len__(self) -> int:
        return len(self._cleaning) + len(self._writing)

    def queues_for_cleaning(self) -> bool:
        """True when the next batch is waiting for the one that is being cleaned, so that workers stay busy."""
        return len(self._cleaning) > 1

    def clean(self, draft: Draft) -> None:
        self._cleaning.append((draft, self._submit("clean", draft, self._run, ())))

    def extract_oldest(self) -> None:
        draft, cleaned = self._cleaning.popleft()
        cleaned.result()
        drafts.admit(draft, self._seen, self._run)
        found = [self._submit(kind, draft, self._run, [cleaned]) for kind in EXTRACTORS]
        appended = self._submit("append", draft, self._run, found)
        self._writing.append((draft, [*found, appended]))

    def finish_oldest(self) -> Draft:
        if not self._writing:
            self.extract_oldest()
        draft, pending = self._writing.popleft()
        for one in pending:
            one.result()
        return draft
