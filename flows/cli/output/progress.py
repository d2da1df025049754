"""Show a person at the terminal how a run gets on, and what it came to."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from flows.cli.output.messages import say
from flows.cli.output.terminal import remove_controls, use_utf8_in_pipes
from flows.run.progress import LISTENER, Progress
from flows.run.summary import IngestSummary

__all__ = ["REJECTS_NAMED", "print_summary", "show_progress", "show_steps"]

REJECTS_NAMED = 20
"""Rejects that are printed; a folder of a million broken files is told in the table ``rejects``, not on the screen."""
_STDERR = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def show_progress(*, quiet: bool, total: int | None = None) -> Iterator[None]:
    """Show how the run inside gets on: a bar on a terminal, a line per batch when piped, nothing if quiet.

    Args:
        quiet: Show nothing.
        total: How many inputs there are, for a share and the time that is left; None if nobody knows.
    """
    if quiet:
        yield
    elif _STDERR.is_terminal:
        with _show_bar(total) as show, _listen_to_progress(show):
            yield
    else:
        with _listen_to_progress(_print_lines(total)):
            yield


def print_summary(summary: IngestSummary, *, as_json: bool) -> None:
    """Print what a run came to, for people or for programs."""
    if as_json:
        use_utf8_in_pipes()
        text = json.dumps(asdict(summary), default=str, ensure_ascii=False)
    else:
        text = _describe_summary(summary)
    sys.stdout.write(remove_controls(text, keep="\n") + "\n")


@contextmanager
def _listen_to_progress(show: Callable[[Progress], None]) -> Iterator[None]:
    token = LISTENER.set(_name_rejects(show))
    try:
        yield
    finally:
        LISTENER.reset(token)


def _name_rejects(show: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Return a listener that also says what was rejected and why, until it is too much."""

    def listen(progress: Progress) -> None:
        before = progress.rejected - len(progress.rejects)
        for reject in progress.rejects[: max(0, REJECTS_NAMED - before)]:
            say(f"rejected {reject.input}: {reject.message} ({reject.code})")
        if before <= REJECTS_NAMED < progress.rejected:
            say("… and more; all of them are in the table `rejects`")
        show(progress)

    return listen


def _print_lines(total: int | None) -> Callable[[Progress], None]:
    """Return what prints a line for each batch that is written."""
    started = time.monotonic()

    def print_line(progress: Progress) -> None:
        if progress.written:
            say(f"{_count_articles(progress)}{_describe_share(progress, total, time.monotonic() - started)}")

    return print_line


def _describe_share(progress: Progress, total: int | None, seconds: float) -> str:
    """Return what share of the inputs is done and how long the rest will take, such as " (40 %, 3 min left)"."""
    done = _count_done(progress)
    if not total or not done:
        return ""
    left = seconds * max(0, total - done) / done
    span = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
    return f" ({min(100, 100 * done // total)} %, {span} left)"


def _count_done(progress: Progress) -> int:
    return progress.stored + progress.rejected


@contextmanager
def _show_bar(total: int | None) -> Iterator[Callable[[Progress], None]]:
    """Show a share and the time left where the number of inputs is known, otherwise only that there is work."""
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20)]
    columns += [TaskProgressColumn(), TimeRemainingColumn()] if total else [TimeElapsedColumn()]
    with Bar(*columns, console=_STDERR, transient=True) as bar:
        task = bar.add_task("Starting the workers …", total=total or None)
        yield lambda progress: bar.update(task, description=_count_articles(progress), completed=_count_done(progress))


def _count_articles(progress: Progress) -> str:
    return f"{progress.read} read, {progress.stored} stored, {progress.rejected} rejected"


def _describe_reading(summary: IngestSummary) -> Iterator[tuple[str, str]]:
    """Return what only a run over the web or an archive has to say."""
    yield from _describe_counts("put off", summary.put_off)
    if summary.unchanged:
        yield "unchanged", str(summary.unchanged)
    yield from _describe_counts("passed over", summary.passed_over)
    if summary.sources:
        links = sum(source.links for source in summary.sources)
        known = sum(source.known for source in summary.sources)
        yield "sources", f"{len(summary.sources)}, naming {links} links, of which {known} were known"
    for source in summary.sources:
        yield from ((f"  {source.source}", problem) for problem in source.problems)


def _describe_counts(name: str, counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Return the sum of counts and a line for each; nothing if there are none."""
    if counts:
        yield name, str(sum(counts.values()))
        yield from ((f"  {code}", str(count)) for code, count in counts.items())


def _list_rows(summary: IngestSummary) -> Iterator[tuple[str, int]]:
    for table, rows in reversed(summary.rows.items()):
        if table in {"articles", "meetings", "quotes", "topics"} or (table == "pages" and rows):
            yield table, rows


def _describe_summary(summary: IngestSummary) -> str:
    lines = [
        ("read", _read_and_known(summary)),
        ("cleaned", str(summary.cleaned)),
        *(_describe_counts("rejected", summary.rejected) if summary.rejected else [("rejected", "0")]),
        *_describe_reading(summary),
        ("rows", ", ".join(f"{rows} {table}" for table, rows in _list_rows(summary)) or "none"),
        ("seconds", f"{summary.seconds:.1f}"),
        ("lake", summary.lake),
    ]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def _read_and_known(summary: IngestSummary) -> str:
    known = summary.passed_over.get("known", 0)
    return f"{summary.read}, beside {known} known" if known else str(summary.read)


@contextmanager
def show_steps(noun: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how many steps of how many are done: a bar on a terminal, a line per step when piped, nothing if quiet."""
    if quiet:
        yield lambda _done, _total: None
    elif _STDERR.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
        with Bar(*columns, console=_STDERR, transient=True) as bar:
            task = bar.add_task("Looking at what is there …", total=None)
            yield lambda done, total: bar.update(
                task, description=f"{done}/{total} {noun}", completed=done, total=total
            )
    else:
        yield lambda done, total: say(f"{done}/{total} {noun}")
