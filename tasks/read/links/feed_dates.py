"""When feeds and sitemaps say that an article was published; what is no date is None, never a guess."""

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

from schemas.sources import DateOrder

__all__ = ["read_feed_date"]

_MAX_CHARACTERS = 60
_FIRST_YEAR = 1990
"""There was no web before; ``01/01/0001`` is how some systems write "not known"."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_UNSET = re.compile(r"[a-z] 0\d{3}\b", re.IGNORECASE)
"""``Mon, 01 Jan 0001``, which Python takes for 2001."""
_OFFSET = re.compile(r"\(?\b(?:GMT|UTC) ?([+-]) ?(\d{1,2})(?::?(\d{2}))?\)?$", re.IGNORECASE)
_DIGITS = re.compile(
    r"(?P<first>\d{1,2})[/.-](?P<second>\d{1,2})[/.-](?P<year>\d{4})"
    r"(?:[ ,T]{1,3}(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second_of>\d{2}))?(?: ?(?P<half>[AP])M)?)?"
    r"(?P<zone> ?[+-]\d{4})?",
    re.IGNORECASE,
)


def read_feed_date(text: str, *, zone: tzinfo, date_order: DateOrder) -> datetime | None:
    """The moment that a text states.

    Args:
        text: RFC 822 (RSS), ISO 8601 (Atom, sitemaps), or digits as Vietnamese systems write them.
        zone: Of times that name none; a day without a time begins there.
        date_order: How ``04/05/2024`` is meant.

    Returns:
        UTC; None for what is no date, and for dates before there was a web.
    """
    text = _OFFSET.sub(_plain_offset, " ".join(text[:_MAX_CHARACTERS].split()))
    try:
        found = _parse_iso(text) or _parse_digits(text, date_order) or _parse_rfc822(text)
        moment = found and (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the last hours of the calendar
        return None
    return moment if moment and moment.year >= _FIRST_YEAR else None


def _plain_offset(match: re.Match[str]) -> str:
    sign, hours, minutes = match.groups()
    return f"{sign}{int(hours):02}{minutes or '00'}"


def _parse_iso(text: str) -> datetime | None:
    return datetime.fromisoformat(text.replace(" +", "+")) if _ISO.fullmatch(text) else None


def _parse_digits(text: str, date_order: DateOrder) -> datetime | None:
    match = _DIGITS.fullmatch(text)
    if not match:
        return None
    day, month = match["first"], match["second"]
    if date_order == "mdy":
        day, month = month, day
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].upper() == "P" else 0)
    plain = f"{match['year']}-{month:0>2}-{day:0>2}T{hour:02}:{match['minute'] or '00'}:{match['second_of'] or '00'}"
    return datetime.fromisoformat(plain + (match["zone"] or "").strip())


def _parse_rfc822(text: str) -> datetime | None:
    try:
        return None if _UNSET.search(text) else parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
