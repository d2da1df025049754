"""The day that an article's own address names."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

__all__ = ["AddressDay", "address_day"]

_FOLDERS = r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>\d{1,2})[/-](?P<day>\d{1,2})/"
"""Year, month and day as folders; a date inside a slug may be about anything."""
_CENTURY = 2000
"""Addresses with a year of two digits are younger than the web."""


@dataclass(frozen=True, slots=True)
class AddressDay:
    """A day in an address."""

    day: date
    is_local: bool
    """It is the outlet's own day, on which the article was begun; of folders nobody knows in which zone they count."""


def address_day(url: str | None, pattern: str | None = None) -> AddressDay | None:
    """Return the day that an address names.

    Args:
        url: The article's address.
        pattern: How its outlet writes days into addresses: a regular expression with the groups ``year``, ``month``
            and ``day``. Folders (``/2025/03/03/``) are read of any outlet.

    Returns:
        None where it names none.
    """
    for one in (pattern, _FOLDERS):
        found = _compile_pattern(one).search(url or "") if one else None
        if found and (day := _read_day(found)):
            return AddressDay(day, is_local=one is pattern)
    return None


def _read_day(found: re.Match[str]) -> date | None:
    year = int(found["year"])
    try:
        return date(year if year >= 100 else _CENTURY + year, int(found["month"]), int(found["day"]))
    except ValueError:  # /2025/02/30/
        return None


@cache
def _compile_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
