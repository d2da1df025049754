"""When an article was published: as its sidecar, its page or its own text says; otherwise not known."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

from schemas.articles import PublishedFrom
from tasks.clean.address_dates import AddressDay
from tasks.clean.boilerplate import Boilerplate
from tasks.language.folding import fold

__all__ = [
    "MAX_STAMP_CHARACTERS",
    "Candidate",
    "StatedDate",
    "choose_published",
    "read_stamp",
    "stamp_start",
    "state_date",
]

MAX_STAMP_CHARACTERS = 200
"""A longer line is no publication stamp."""
_GRACE = timedelta(days=1)
"""Clocks and time zones disagree; a page from tomorrow may exist, one from next week does not."""
_UTC = ZoneInfo("UTC")
_SAME_MOMENT = timedelta(hours=14)
"""Two statements this far apart may be one moment in two zones; no zone is farther from UTC."""
_ONE_DAY = timedelta(days=1)
"""An article may be begun in the evening and published at night; an outlet's day may be the reader's day before."""


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as a page or a feed states it."""

    moment: datetime
    """With a zone; that of the page's language or outlet where nobody names one."""
    is_zoned: bool
    """Whoever states it names the zone."""
    has_time: bool
    """It says more than a day; midnight is how systems write a day."""


Candidate: TypeAlias = tuple[PublishedFrom, Sequence[StatedDate]]
"""Where dates come from, and what is stated there, the surest first."""


def choose_published(
    candidates: Iterable[Candidate], *, address: AddressDay | None, zone: tzinfo, fetched_at: datetime
) -> tuple[datetime, PublishedFrom] | tuple[None, None]:
    """Choose the date of publication, in local time.

    The first origin with a believable date decides: one that is not later than a day after the page was fetched and
    fits the day in the address, if there is one. Of several dates of one origin the first decides too, but where
    another says the same with a zone or a time of day, that one is taken. If nothing fits the address, its day counts.

    Args:
        candidates: What is stated, by origin, the most trusted origin first.
        address: The day that the article's own address names, if it names one.
        zone: Where the outlet is, else where its language is at home; UTC where nobody knows. The result is told in
            it, so that its day is the outlet's day. Where it is UTC, a date with an offset of its own keeps that, and
            with it the day that the page prints.
        fetched_at: When the page was read.
    """
    latest = fetched_at + _GRACE
    for origin, stated in candidates:
        believable = [one for one in stated if one.moment <= latest and _fits_address(one, address, zone)]
        if believable:
            return _move_to_zone(_choose_fullest(believable).moment, zone), origin
    by_address = datetime.combine(address.day, time(), zone) if address else None
    if by_address is not None and by_address <= latest:
        return by_address, "url"
    return None, None


def state_date(moment: datetime | None, zone: tzinfo) -> list[StatedDate]:
    """Return a date that may lack a zone as a list of at most one stated date.

    Args:
        moment: None, or outside the calendar in ``zone``, gives an empty list.
        zone: Of a moment that names none.
    """
    if moment is None:
        return []
    try:
        local = _move_to_zone(moment, zone)
        local.astimezone(UTC)
    except OverflowError:  # the first or the last hours of the calendar
        return []
    return [StatedDate(local, is_zoned=moment.tzinfo is not None, has_time=local.time() != time())]


def _fits_address(stated: StatedDate, address: AddressDay | None, zone: tzinfo) -> bool:
    """Return True if a date fits the day in the address: on it or on the next, as far as the zone is known."""
    if address is None:
        return True
    day = _move_to_zone(stated.moment, zone).date()
    if not address.is_local:
        return abs(day - address.day) <= _ONE_DAY
    return address.day <= day <= address.day + (_ONE_DAY if stated.has_time else timedelta(0))


def _choose_fullest(stated: Sequence[StatedDate]) -> StatedDate:
    """Return the first date, or the fullest one that could be the same moment."""
    first = stated[0]
    same = [one for one in stated if _could_be_same(first, one)]
    return max(same, key=lambda one: (one.has_time, one.is_zoned))


def _could_be_same(first: StatedDate, other: StatedDate) -> bool:
    """Return True if two statements may mean one moment: one of them lacks its zone or its time of day."""
    if other is first:
        return True
    if not first.has_time:
        return first.moment.date() == other.moment.date()
    return not first.is_zoned and abs(first.moment - other.moment) <= _SAME_MOMENT


def read_stamp(line: str, pack: Boilerplate) -> datetime | None:
    """Read the date of a publication stamp.

    Returns:
        Midnight if it names only a day; None if the line holds no possible date, or says when it was changed.
    """
    found = _search_stamp(line, pack)
    if not found or _speaks_of_change(line[: found.start("day")], pack):
        return None
    parts = found.groupdict()
    day, month = int(parts["day"]), _read_month(parts, pack)
    if parts.get("month") and pack.date_order == "mdy":
        day, month = month, day
    try:
        zone = _read_zone(parts.get("offset"), pack)
        return datetime(int(parts["year"]), month, day, _read_hour(parts), int(parts.get("minute") or 0), tzinfo=zone)
    except ValueError:  # 31/02/2023, 25:00, GMT+99
        return None


def stamp_start(line: str, pack: Boilerplate) -> int | None:
    """Return where in the line its publication stamp begins; None if it has none."""
    found = _search_stamp(line, pack)
    return found.start() if found else None


def _search_stamp(line: str, pack: Boilerplate) -> re.Match[str] | None:
    if len(line) > MAX_STAMP_CHARACTERS:
        return None
    folded = fold(line)
    return next((match for stamp in pack.stamp if (match := stamp.pattern.search(folded))), None)


def _speaks_of_change(before: str, pack: Boilerplate) -> bool:
    """Return True if the words before a stamp say that something was changed then."""
    folded = fold(before)
    return any(word in folded for word in pack.change_words)


def _read_month(parts: Mapping[str, str | None], pack: Boilerplate) -> int:
    stated = parts.get("month") or parts.get("month_name") or ""
    return int(stated) if stated.isdecimal() else pack.months.get(stated, 0)


def _read_hour(parts: Mapping[str, str | None]) -> int:
    hour, half = int(parts.get("hour") or 0), parts.get("half")
    return hour % 12 + (12 if half[0] == "p" else 0) if half else hour


def _read_zone(offset: str | None, pack: Boilerplate) -> tzinfo:
    """Return the zone that a stamp names in hours, or the pack's.

    Raises:
        ValueError: No zone is so far from UTC.
    """
    return timezone(timedelta(hours=int(offset))) if offset else pack.timezone


def _move_to_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment in a zone; one that lacks its zone is taken to be there.

    Raises:
        OverflowError: It is in the first or the last hours of the calendar.
    """
    # UTC says that nobody knows where the outlet is: then the day that the page prints is the outlet's day.
    if zone == _UTC and moment.utcoffset():
        return moment
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
