"""When feeds and sitemaps say that an article was published.

What is no date is None, never a guess.
"""

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from schemas.sources import DateOrder

__all__ = ["read_feed_date"]

_MAX_CHARACTERS = 80
_FIRST_YEAR = 1990
"""There was no web before; ``01/01/0001`` is how some systems write "not known"."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?")
"""Seconds or milliseconds since 1970; ten digits begin in 2001."""
_UNSET = re.compile(r"[a-z] 0\d{3}\b", re.IGNORECASE)
"""``Mon, 01 Jan 0001``, which Python takes for 2001."""
_OFFSET = re.compile(r"\(?\b(?:GMT|UTC) ?([+-]) ?(\d{1,2})(?::?(\d{2}))?\)?$", re.IGNORECASE)
_ZONE_NAMES = {"ICT": "+0700", "GMT": "+0000", "UTC": "+0000", "Z": "+0000"}
"""``ICT`` is Indochina Time, as Vietnamese systems print it; other abbreviations mean several zones
each."""
_ZONE_NAME = re.compile(r"(?<=\d) ?\(?\b(ICT|GMT|UTC|Z)\)?$", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"^(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b,? *", re.IGNORECASE
)
"""Before digits; what it says is in the date as well."""
_DAY = r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})"
_TIME = r"(?P<hour>\d{1,2})(?::|h|g|giờ)(?P<minute>\d{2})(?::(?P<second_of>\d{2}))?(?: ?(?P<half>[AP])\.?M\.?)?"
_BETWEEN = r"(?:[ ,T]{1,3}| ?[-|] ?)"
_ZONE = r"(?: ?(?P<zone>[+-]\d{2}:?\d{2}))?"
_DIGITS = (
    re.compile(f"{_DAY}(?:{_BETWEEN}{_TIME})?{_ZONE}", re.IGNORECASE),
    re.compile(f"{_TIME}{_BETWEEN}(?:ngày )?{_DAY}{_ZONE}", re.IGNORECASE),
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip
_AMERICAN = re.compile(
    r"(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"
    rf"(?:(?:,| at)? {_TIME})?{_ZONE}",
    re.IGNORECASE,
)
"""``March 3, 2025 2:05 PM``."""


def read_feed_date(text: str, *, zone: tzinfo, date_order: DateOrder) -> datetime | None:
    """Read the moment that a text states.

    Args:
        text: RFC 822 (RSS), ISO 8601 (Atom, sitemaps), digits as Vietnamese systems write them,
            with a weekday, with the time before the day, or seconds since 1970.
        zone: The zone of times that name none; a day without a time begins there.
        date_order: How ``04/05/2024`` is meant.

    Returns:
        UTC; None for what is no date, and for dates before there was a web.
    """
    plain = _normalise(text)
    try:
        found = _parse_epoch(plain) or _parse_iso(plain) or _parse_digits(plain, date_order)
        found = found or _parse_american(plain) or _parse_rfc822(plain)
        moment = found and (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the last hours of the calendar
        return None
    return moment if moment and moment.year >= _FIRST_YEAR else None


def _normalise(text: str) -> str:
    """Return the text on one line, with zones as offsets and without a weekday before digits."""
    plain = " ".join(text[:_MAX_CHARACTERS].split())
    plain = _OFFSET.sub(_plain_offset, plain)
    plain = _ZONE_NAME.sub(lambda match: f" {_ZONE_NAMES[match.group(1).upper()]}", plain)
    without_weekday = _WEEKDAY.sub("", plain)
    return without_weekday if without_weekday[:1].isdigit() else plain


def _plain_offset(match: re.Match[str]) -> str:
    sign, hours, minutes = match.groups()
    return f"{sign}{int(hours):02}{minutes or '00'}"


def _parse_epoch(text: str) -> datetime | None:
    match = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(match.group(1)), UTC) if match else None


def _parse_iso(text: str) -> datetime | None:
    return datetime.fromisoformat(re.sub(r" (?=[+-]\d)", "", text)) if _ISO.fullmatch(text) else None


def _parse_digits(text: str, date_order: DateOrder) -> datetime | None:
    match = next((match for pattern in _DIGITS if (match := pattern.fullmatch(text))), None)
    if not match:
        return None
    day, month = match["first"], match["second"]
    if date_order == "mdy":
        day, month = month, day
    return _build(match, int(day), int(month))


def _parse_american(text: str) -> datetime | None:
    match = _AMERICAN.fullmatch(text)
    month = _MONTHS.get(match["month"].lower()) if match else None
    return _build(match, int(match["day"]), month) if match and month else None


def _build(match: re.Match[str], day: int, month: int) -> datetime:
    """Return the moment of a match of the patterns above; without a zone if none is named."""
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].upper() == "P" else 0)
    time = f"{hour:02}:{match['minute'] or '00'}:{match['second_of'] or '00'}"
    return datetime.fromisoformat(f"{match['year']}-{month:02}-{day:02}T{time}{match['zone'] or ''}")


def _parse_rfc822(text: str) -> datetime | None:
    try:
        return None if _UNSET.search(text) else parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
