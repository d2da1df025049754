"""A run as Markdown that a person can read in Prefect's pages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from flows.monitoring.health import SourceHealth
from flows.run.summary import IngestSummary, MeetingNews
from tasks.read.sources.tally import SourceReport

__all__ = ["escape", "run_report", "source_report"]

_BOOKS = {"rejects", "fetches", "pages"}


def run_report(summary: IngestSummary) -> str:
    """The Markdown of a run: what was read, what became of it, the newest meetings, where the time went."""
    parts = [
        f"# Ingest of {escape(summary.source)}",
        _counts(summary),
        _account(summary),
        _table("Rows", ("table", "rows"), _told_rows(summary.rows)),
        _table("Rejected", ("code", "inputs"), summary.rejected),
        _table("To be tried again", ("code", "links"), summary.put_off),
        _sources(summary.sources),
        _meetings(summary.newest),
        _table("Seconds per stage, summed over batches", ("stage", "seconds"), _rounded(summary.stage_seconds)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def source_report(report: SourceReport, health: SourceHealth | None, now: datetime) -> str:
    """The Markdown of a source after a pass: its feeds, its links, what is wrong, what it has given so far."""
    facts = {
        "read at": f"{now:%Y-%m-%d %H:%M} UTC",
        "feeds": _states(report.feeds),
        "links in them": f"{report.links}, of them {report.known} known",
        "asked for": _states(report.asked) or "none",
        "newest in feeds": _moment(report.newest),
        "newest article": _moment(health.newest) if health else "",
        "articles so far": f"{health.articles:,}" if health else "",
        "waited": f"{report.waited_seconds:.0f} s over {report.requests} requests",
        **{f"problem {place}": problem for place, problem in enumerate(report.problems, 1)},
    }
    lines = [f"| {name} | {escape(fact)} |" for name, fact in facts.items() if fact]
    return "\n".join([f"# {escape(report.source)}", "", "| | |", "| --- | --- |", *lines]) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is: one line, no markup, no links, no HTML."""
    # A colon only where it would make a link: Prefect's pages show the backslash before any other.
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&@]|:(?=/))", r"\\\1", " ".join(text.split()))


def _told_rows(rows: Mapping[str, int]) -> dict[str, int]:
    """Articles first; of the tables that keep books, those that got any."""
    return {table: count for table, count in reversed(list(rows.items())) if count or table not in _BOOKS}


def _sources(reports: Sequence[SourceReport]) -> str:
    """What each source gave; those that made the run wait longest first."""
    if not reports:
        return ""
    head = "## Sources, those waited for longest first\n\n| source | feeds | links | new | newest | waited s |"
    lines = [_source_line(one) for one in sorted(reports, key=lambda one: -one.waited_seconds)]
    return "\n".join([head, "| --- | --- | ---: | ---: | --- | ---: |", *lines])


def _source_line(one: SourceReport) -> str:
    feeds = escape("; ".join(filter(None, [_states(one.feeds), *one.problems])))
    new = one.links - one.known
    return (
        f"| {escape(one.source)} | {feeds} | {one.links} | {new} | {_moment(one.newest)} | {one.waited_seconds:.0f} |"
    )


def _states(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def _counts(summary: IngestSummary) -> str:
    rejected = sum(summary.rejected.values())
    counts = f"{summary.read} read, {summary.cleaned} cleaned, {rejected} rejected"
    return f"{counts} in {summary.seconds:.1f} s, into {escape(summary.lake)}"


def _account(summary: IngestSummary) -> str:
    """Return the sum that must add up: every input read ends as one of these."""
    ends = {name: count for name, count in summary.account.items() if name not in ("seen", "lost")}
    line = f"{summary.account['seen']} seen = {' + '.join(f'{count} {name}' for name, count in ends.items())}"
    lost = summary.account["lost"]
    known = summary.passed_over.get("known", 0) + sum(source.known for source in summary.sources)
    dropped = sum(sum(source.dropped.values()) for source in summary.sources)
    line += f"; beside them {known} known and {dropped} entries of feeds without a link"
    return line + (f". **{lost} are not accounted for: this is a mistake, please report it.**" if lost else "")


def _table(title: str, columns: tuple[str, str], cells: Mapping[str, int | float]) -> str:
    if not cells:
        return ""
    lines = [f"| {escape(name)} | {number} |" for name, number in cells.items()]
    return "\n".join([f"## {title}", "", f"| {columns[0]} | {columns[1]} |", "| --- | ---: |", *lines])


def _meetings(newest: Iterable[MeetingNews]) -> str:
    lines = [_meeting(news) for news in newest]
    if not lines:
        return ""
    head = ["## Newest meetings", "", "| day | who | status | where | source |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *lines])


def _meeting(news: MeetingNews) -> str:
    who = ", ".join(escape(party) for party in news.parties)
    day = news.day.isoformat() if news.day else ""
    return f"| {day} | {who} | {news.status} | {escape(news.place or '')} | {_source(news)} |"


def _source(news: MeetingNews) -> str:
    """A link where it leads to a web page; a path, or a scheme that a browser might run, stays text."""
    if urlsplit(news.link).scheme not in {"http", "https"}:
        return f"{escape(news.title)} ({escape(news.link)})"
    return f"[{escape(news.title)}]({quote(news.link, safe=':/?#@!$&=+,;%~')})"


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(value, 2) for stage, value in seconds.items()}
