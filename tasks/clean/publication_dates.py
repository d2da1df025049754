"""When an article was published: as its sidecar, its page or its own text says; otherwise not known."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from schemas.articles import PublishedFrom
from tasks.clean.boilerplate import Boilerplate
from tasks.language.folding import fold

__all__ = ["MAX_STAMP_CHARACTERS", "choose_published", "read_stamp", "stamp_start"]

MAX_STAMP_CHARACTERS = 200
"""A longer line is no publication stamp."""
_GRACE = timedelta(days=1)
"""Clocks and time zones disagree; a page from tomorrow may exist, one from next week does not."""
_UTC = ZoneInfo("UTC")


def choose_published(
    candidates: Iterable[tuple[PublishedFrom, datetime | None]], *, zone: tzinfo, fetched_at: datetime
) -> tuple[datetime, PublishedFrom] | tuple[None, None]:
    """The first candidate that is known and not later than a day after the page was fetched, in local time.

    Args:
        candidates: Dates and where they come from, the most trusted first.
        zone: Where the outlet is, else where its language is at home; UTC where nobody knows. Dates without a zone
            get it and the result is told in it, so that its day is the outlet's day. Where it is UTC, a date with
            an offset of its own keeps that, and with it the day that the page prints.
        fetched_at: When the page was read.
    """
    for origin, found in candidates:
        local = _localised(found, zone) if found else None
        if local and local <= fetched_at + _GRACE:
            return local, origin
    return None, None


def read_stamp(line: str, pack: Boilerplate) -> datetime | None:
    """The date of a publication stamp; midnight if it names only a day, None if the line holds no possible date."""
    found = _search(line, pack)
    if not found:
        return None
    parts = found.groupdict()
    zone = timezone(timedelta(hours=int(parts["offset"]))) if parts.get("offset") else pack.timezone
    day, month = int(parts["day"]), int(parts.get("month") or 0)
    if month and pack.date_order == "mdy":
        day, month = month, day
    try:
        return datetime(
            int(parts["year"]),
            month or _month(parts["month_name"], pack),
            day,
            int(parts.get("hour") or 0),
            int(parts.get("minute") or 0),
            tzinfo=zone,
        )
    except ValueError:  # 31/02/2023, 25:00
        return None


def stamp_start(line: str, pack: Boilerplate) -> int | None:
    """Where in the line its publication stamp begins; None if it has none."""
    found = _search(line, pack)
    return found.start() if found else None


def _search(line: str, pack: Boilerplate) -> re.Match[str] | None:
    if len(line) > MAX_STAMP_CHARACTERS:
        return None
    folded = fold(line)
    return next((match for stamp in pack.stamp if (match := stamp.pattern.search(folded))), None)


def _month(name: str, pack: Boilerplate) -> int:
    return int(name) if name.isdecimal() else pack.months.get(name, 0)


def _localised(moment: datetime, zone: tzinfo) -> datetime | None:
    # UTC says that nobody knows where the outlet is: then the day that the page prints is the outlet's day.
    if zone == _UTC and moment.utcoffset():
        return moment
    try:
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    except OverflowError:  # the first or the last hours of the calendar
        return None
