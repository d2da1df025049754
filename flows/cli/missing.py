"""Links that were asked for by name and could not be had."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flows.cli.output.messages import say
from schemas.fetches import Fetch
from tasks.clean.identity import canonical_link
from tasks.lake import last_fetches

__all__ = ["report_missing_links"]


def report_missing_links(links: Sequence[str], lake: str) -> int:
    """Say which links could not be had and when they are tried again; return how many these are.

    Args:
        links: As given on the command line.
        lake: After the run.
    """
    asked = [canonical_link(link) for link in links]
    wanted = [link for link in asked if link]
    found = last_fetches(lake, "article", wanted) if wanted else {}
    missing = [found[link] for link in dict.fromkeys(wanted) if link in found and _is_missing(found[link])]
    for fetch in missing:
        say(_describe_missing(fetch))
    return len(missing) + asked.count(None)


def _is_missing(fetch: Fetch) -> bool:
    return fetch.state in {"later", "rejected"}


def _describe_missing(fetch: Fetch) -> str:
    reason = f"{fetch.input} could not be read: {fetch.message or fetch.code}"
    if fetch.state == "rejected" or fetch.retry_at is None:
        return f"{reason}. It is not tried again by itself; name it again to try."
    due = fetch.retry_at.astimezone()
    when = f"{due:%H:%M}" if due.date() == datetime.now(UTC).astimezone().date() else f"{due:%Y-%m-%d %H:%M}"
    return f"{reason}. The next run after {when} tries it again."
