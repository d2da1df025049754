"""A run as Markdown that a person can read in Prefect's pages."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

from flows.summary import IngestSummary, MeetingNews

__all__ = ["escape", "run_report"]


def run_report(summary: IngestSummary) -> str:
    """The Markdown of a run: what was read, what became of it, the newest meetings, where the time went."""
    parts = [
        f"# Ingest of {escape(summary.source)}",
        _counts(summary),
        _table("Rows", ("table", "rows"), summary.rows),
        _table("Rejected", ("code", "inputs"), summary.rejected),
        _meetings(summary.newest),
        _table("Seconds per stage, summed over batches", ("stage", "seconds"), _rounded(summary.stage_seconds)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is: one line, no markup, no links, no HTML."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&:@])", r"\\\1", " ".join(text.split()))


def _counts(summary: IngestSummary) -> str:
    rejected = sum(summary.rejected.values())
    counts = f"{summary.read} read, {summary.cleaned} cleaned, {rejected} rejected"
    return f"{counts} in {summary.seconds:.1f} s, into {escape(summary.lake)}"


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
