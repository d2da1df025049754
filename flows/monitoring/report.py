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
    """Write the Markdown of a run: what was read, what became of it, the newest meetings, where the time went."""
    parts = [
        f"# Ingest of {escape(summary.source)}",
        _count_inputs(summary),
        _account_for_inputs(summary),
        _make_table("Rows", ("table", "rows"), _order_rows(summary.rows)),
        _make_table("Rejected", ("code", "inputs"), summary.rejected),
        _make_table("To be tried again", ("code", "links"), summary.put_off),
        _list_sources(summary.sources),
        _list_meetings(summary.newest),
        _make_table(
            "Seconds per stage, summed over batches", ("stage", "seconds"), _round_seconds(summary.stage_seconds)
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def source_report(report: SourceReport, health: SourceHealth | None, now: datetime) -> str:
    """Write the Markdown of a source after a pass: its feeds, its links, what is wrong, what it has given so far."""
    facts = {
        "read at": f"{now:%Y-%m-%d %H:%M} UTC",
        "feeds": _list_states(report.feeds),
        "links in them": f"{report.links}, of them {report.known} known",
        "entries without a link": _list_states(report.dropped),
        "asked for": _list_states(report.asked) or "none",
        "newest in feeds": _format_time(report.newest),
        "newest article": _format_time(health.newest) if health else "",
        "articles so far": f"{health.articles:,}" if health else "",
        "waited": f"{report.waited_seconds:.0f} s over {report.requests} requests",
        **{f"problem {place}": problem for place, problem in enumerate(report.problems, 1)},
    }
    lines = [f"| {name} | {escape(fact)} |" for name, fact in facts.items() if fact]
    return "\n".join([f"# {escape(report.source)}", "", "| | |", "| --- | --- |", *lines]) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: one line, no markup, no links, no HTML."""
    # A colon only where it would make a link: Prefect's pages show the backslash before any other.
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&@]|:(?=/))", r"\\\1", " ".join(text.split()))


def _order_rows(rows: Mapping[str, int]) -> dict[str, int]:
    """Put articles first; leave out tables of bookkeeping that got no rows."""
    return {table: count for table, count in reversed(list(rows.items())) if count or table not in _BOOKS}


def _list_sources(reports: Sequence[SourceReport]) -> str:
    """List what each source gave; those that made the run wait longest come first."""
    if not reports:
        return ""
    head = "## Sources, those waited for longest first\n\n| source | feeds | links | new | newest | waited s |"
    lines = [_describe_source(one) for one in sorted(reports, key=lambda one: -one.waited_seconds)]
    return "\n".join([head, "| --- | --- | ---: | ---: | --- | ---: |", *lines])


def _describe_source(one: SourceReport) -> str:
    feeds = escape("; ".join(filter(None, [_list_states(one.feeds), *one.problems])))
    new = one.links - one.known
    cells = (escape(one.source), feeds, one.links, new, _format_time(one.newest), f"{one.waited_seconds:.0f}")
    return f"| {' | '.join(map(str, cells))} |"


def _list_states(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def _format_time(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def _count_inputs(summary: IngestSummary) -> str:
    rejected = sum(summary.rejected.values())
    counts = f"{summary.read} read, {summary.cleaned} cleaned, {rejected} rejected"
    return f"{counts} in {summary.seconds:.1f} s, into {escape(summary.lake)}"


def _account_for_inputs(summary: IngestSummary) -> str:
    """Return the sum that must add up: every input read ends as one of these."""
    ends = {name: count for name, count in summary.account.items() if name not in ("seen", "lost")}
    line = f"{summary.account['seen']} seen = {' + '.join(f'{count} {name}' for name, count in ends.items())}"
    lost = summary.account["lost"]
    known = summary.passed_over.get("known", 0) + sum(source.known for source in summary.sources)
    dropped = sum(sum(source.dropped.values()) for source in summary.sources)
    line += f"; beside them {known} known and {dropped} entries of feeds without a link"
    return line + (f". **{lost} are not accounted for: this is a mistake, please report it.**" if lost else "")


def _make_table(title: str, columns: tuple[str, str], cells: Mapping[str, int | float]) -> str:
    if not cells:
        return ""
    lines = [f"| {escape(name)} | {number} |" for name, number in cells.items()]
    return "\n".join([f"## {title}", "", f"| {columns[0]} | {columns[1]} |", "| --- | ---: |", *lines])


def _list_meetings(newest: Iterable[MeetingNews]) -> str:
    lines = [_describe_meeting(news) for news in newest]
    if not lines:
        return ""
    head = ["## Newest meetings", "", "| day | who | status | where | source |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *lines])


def _describe_meeting(news: MeetingNews) -> str:
    who = ", ".join(escape(party) for party in news.parties)
    day = news.day.isoformat() if news.day else ""
    return f"| {day} | {who} | {news.status} | {escape(news.place or '')} | {_link_source(news)} |"


def _link_source(news: MeetingNews) -> str:
    """Write a link if it leads to a web page; a path, or a scheme that a browser might run, stays text."""
    if urlsplit(news.link).scheme not in {"http", "https"}:
        return f"{escape(news.title)} ({escape(news.link)})"
    return f"[{escape(news.title)}]({quote(news.link, safe=':/?#@!$&=+,;%~')})"


def _round_seconds(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(value, 2) for stage, value in seconds.items()}
