"""What the words of a date mean, against the day of publication or the last event told.

The grammar that finds the words is in the language pack; here a ``DATE`` token becomes days. A date that the text
does not support is None: month is month, year is year, "in the coming time" is nothing.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.document import DateMention, Token
from schemas.meetings import DatePrecision
from tasks.mentions.features import leaves

__all__ = ["Calendar", "read_dates"]

_FAR_AHEAD = timedelta(days=183)
"""A day and month without a year is taken as past where this year's would lie further ahead than this."""
_NUMBERS = re.compile(r"\d+")
_WEEKDAY_YEARS_BACK = 12


@dataclass(slots=True)
class Calendar:
    """What "today" and "the same day" mean at a point of the article.

    Attributes:
        published: Day of publication, None if not known.
        event: Day of the last event dated so far.
    """

    published: date | None
    event: date | None = None
    latest: date | None = None
    """No article is younger than this: the day it was read."""
    year: int | None = None
    """A year named earlier in the same sentence ("năm ngoái gặp nhau vào tháng 11")."""


def read_dates(token: Token, text: str, calendar: Calendar, *, ahead: bool = False) -> tuple[DateMention, ...]:
    """Read a ``DATE`` token; several where it lists years ("các năm 2001, 2006, 2013").

    Args:
        token: The token.
        text: Of the article.
        calendar: What its relative words count from.
        ahead: Its clause speaks of what is to come, so that a weekday is the next one.

    Side effect: ``calendar.event`` moves to a single day read, so that "cùng ngày" after it means that day.
    """
    words = tuple(leaves(token))
    kinds = {word.kind for word in words}
    years = [int(text[w.start : w.end]) for w in words if w.kind == "YEAR"]
    if token.rule == "date-year" and len(years) > 1:
        return tuple(_make_mention(token, _year_span(year)) for year in years)
    span = _read_span(words, kinds, text, calendar, ahead=ahead)
    if span and span[2] == "day" and span[0] == span[1]:
        calendar.event = span[0]
    calendar.year = span[0].year if span and span[2] == "year" else calendar.year
    weekday = next((int(word.value) for word in words if word.kind == "WEEKDAY"), None)
    contradicted = bool(weekday is not None and span and span[2] == "day" and span[0].weekday() != weekday)
    return (_make_mention(token, span, contradicted=contradicted),)


_Span = tuple[date, date, DatePrecision]


def _make_mention(token: Token, span: _Span | None, *, contradicted: bool = False) -> DateMention:
    first, last, precision = span or (None, None, None)
    return DateMention(token.start, token.end, first, last, precision, contradicted)


def _read_span(words: Sequence[Token], kinds: set[str], text: str, calendar: Calendar, *, ahead: bool) -> _Span | None:
    numbers = [int(n) for w in words if w.kind in _NUMERIC for n in _NUMBERS.findall(text[w.start : w.end])]
    weekday = next((int(w.value) for w in words if w.kind == "WEEKDAY"), None)
    if kinds & {"DM", "DMY", "DMRANGE", "DRANGE"}:
        return _read_numeric_days(numbers, weekday, calendar)
    if "MY" in kinds:
        return _month_span(numbers[-1], numbers[-2])
    if "THANG" in kinds or "MONTHNAME" in kinds:
        return _read_month_words(words, text, numbers, calendar)
    if "YEAR" in kinds:
        return _year_span(numbers[-1])
    return _read_relative(words, kinds, weekday, calendar, ahead=ahead)


_NUMERIC = frozenset({"NUM", "DM", "DMY", "DMRANGE", "DRANGE", "MY", "YEAR"})


def _read_numeric_days(numbers: Sequence[int], weekday: int | None, calendar: Calendar) -> _Span | None:
    """Numeric days: d/m, d/m/y, and ranges d-d/m, d/m-d/m, with or without a year at the end."""
    *rest, last = numbers
    year = last if last > 1000 else None
    parts = list(rest) if year else list(numbers)
    if len(parts) == 2:
        day, month = parts
        end = _complete_day(day, month, year, weekday, calendar)
        return (end, end, "day") if end else None
    if len(parts) == 3:
        parts = [parts[0], parts[2], parts[1], parts[2]]
    if len(parts) != 4:
        return None
    end = _complete_day(parts[2], parts[3], year, None, calendar)
    start = _complete_day(parts[0], parts[1], end.year if end else year, None, calendar)
    return (start, end, "day") if start and end and start <= end else None


def _complete_day(day: int, month: int, year: int | None, weekday: int | None, calendar: Calendar) -> date | None:
    """A day and month, the year from the text, else from publication, else from the weekday."""
    if year is not None:
        return _make_date(year, month, day)
    if calendar.published:
        found = _make_date(calendar.published.year, month, day)
        if found and found - calendar.published > _FAR_AHEAD:
            return _make_date(calendar.published.year - 1, month, day)
        if found and calendar.published - found > _FAR_AHEAD:
            ahead = _make_date(calendar.published.year + 1, month, day)
            return ahead if ahead and ahead - calendar.published < timedelta(days=45) else found
        return found
    if calendar.event:
        return _make_date(calendar.event.year, month, day)
    return _find_by_weekday(day, month, weekday, calendar) if weekday is not None else None


def _find_by_weekday(day: int, month: int, weekday: int, calendar: Calendar) -> date | None:
    """The last time that day fell on that weekday before the article was read."""
    if calendar.latest is None:
        return None
    for year in range(calendar.latest.year, calendar.latest.year - _WEEKDAY_YEARS_BACK, -1):
        found = _make_date(year, month, day)
        if found and found <= calendar.latest and found.weekday() == weekday:
            return found
    return None


def _make_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_span(year: int, month: int) -> _Span | None:
    if not 1 <= month <= 12:
        return None
    return date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month"


def _year_span(year: int) -> _Span:
    return date(year, 1, 1), date(year, 12, 31), "year"


def _read_month_words(words: Sequence[Token], text: str, numbers: Sequence[int], calendar: Calendar) -> _Span | None:
    year = next((int(text[w.start : w.end]) for w in words if w.kind == "YEAR"), None)
    relative = next((int(w.value) for w in words if w.kind == "RELYEAR"), None)
    named = next((int(w.value) for w in words if w.kind == "MONTHNAME"), None)
    small = [n for n in numbers if n <= 31]
    month = named or (small[-1] if small else None)
    if month is None or not 1 <= month <= 12:
        return None
    if year is None and relative is not None and calendar.published:
        year = calendar.published.year + relative
    year = year or calendar.year
    day = small[0] if len(small) > (named is None) else None
    if day is not None:
        found = _complete_day(day, month, year, None, calendar)
        return (found, found, "day") if found else None
    return _month_span(year, month) if year else _find_nearest_month(month, calendar)


def _find_nearest_month(month: int, calendar: Calendar) -> _Span | None:
    """A month without a year: the last one that has come, or the coming one where it is at most half a year off."""
    if not calendar.published:
        return None
    year = calendar.published.year
    ahead = month - calendar.published.month
    if ahead > 6:
        year -= 1
    return _month_span(year, month)


def _read_relative(
    words: Sequence[Token], kinds: set[str], weekday: int | None, calendar: Calendar, *, ahead: bool
) -> _Span | None:
    today = calendar.published
    offsets = {word.kind: int(word.value) for word in words if word.kind in _OFFSETS}
    if "EVENTDAY" in kinds:
        return _count_days_from(calendar.event or today, offsets["EVENTDAY"])
    if today is None:
        return None
    if weekday is not None:
        return _find_weekday(today, weekday, offsets.get("RELWEEK"), coming="TO" in kinds, ahead=ahead)
    if "RELDAY" in kinds:
        return _count_days_from(today, offsets["RELDAY"])
    if "NAY" in kinds:
        return _count_days_from(today, 0)
    if "RELMONTH" in kinds:
        months = today.year * 12 + today.month - 1 + offsets["RELMONTH"]
        return _month_span(months // 12, months % 12 + 1)
    if "RELYEAR" in kinds:
        return _year_span(today.year + offsets["RELYEAR"])
    return None


_OFFSETS = frozenset({"RELDAY", "EVENTDAY", "RELWEEK", "RELMONTH", "RELYEAR"})


def _count_days_from(anchor: date | None, days: int) -> _Span | None:
    if anchor is None:
        return None
    day = anchor + timedelta(days=days)
    return day, day, "day"


def _find_weekday(today: date, weekday: int, week: int | None, *, coming: bool, ahead: bool) -> _Span:
    """The nearest such day up to today, or from today on; with "this, last, next week" the one of that week."""
    if week is not None:
        day = today - timedelta(days=today.weekday()) + timedelta(days=weekday, weeks=week)
    elif coming:
        day = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    elif ahead:
        day = today + timedelta(days=(weekday - today.weekday()) % 7)
    else:
        day = today - timedelta(days=(today.weekday() - weekday) % 7)
    return day, day, "day"
