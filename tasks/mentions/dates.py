"""Read what the words of a date mean, counted from the day of publication or from the last event told.

The grammar that finds the words is in the language pack; here a ``DATE`` token becomes days. A date that the text does
not support has no days: "in the coming time" means none, a month stays a month, and a year a year.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.document import DateMention, Token
from schemas.meetings import DatePrecision
from tasks.mentions.features import leaves

__all__ = ["Calendar", "read_dates"]

_FAR_AHEAD = timedelta(days=183)
"""A day and month without a year is taken as past if this year's would lie further ahead than this."""
_SOON = timedelta(days=45)
"""A day and month more than half a year ago is next year's if that is at most so far ahead: "3/1" in December."""
_NUMBERS = re.compile(r"\d+")
_WEEKDAY_YEARS_BACK = 12
_LEAST_YEAR = 1000
"""A number in a numeric date that is larger than this is the year."""
_DAYS_OF_MONTH = 31
_NUMERIC_DAYS = frozenset({"DM", "DMY", "DMRANGE", "DRANGE"})
_NUMERIC = _NUMERIC_DAYS | {"NUM", "MY", "YEAR"}
_OFFSETS = frozenset({"RELDAY", "EVENTDAY", "RELWEEK", "RELMONTH", "RELYEAR"})

_Span = tuple[date, date, DatePrecision]


@dataclass(slots=True)
class Calendar:
    """What relative dates count from at a point of the article; reading a date may move it.

    Attributes:
        published: Day of publication; None if not known.
        event: Day of the last event that the article has dated so far; "cùng ngày" means it.
        latest: Day on which the article was read; no article is younger.
        year: A year named earlier in the same sentence ("năm ngoái gặp nhau vào tháng 11").
        day_first: A date in numbers gives the day before the month.
    """

    published: date | None
    event: date | None = None
    latest: date | None = None
    year: int | None = None
    day_first: bool = True


@dataclass(frozen=True, slots=True)
class _DateWords:
    """What the words of one date tell, before a calendar completes it."""

    classes: frozenset[str]
    numbers: Sequence[int]
    years: Sequence[int]
    weekday: int | None
    month: int | None
    """Month by its name."""
    offsets: dict[str, int]
    """Values of relative words by their class: days, weeks, months or years."""


def read_dates(token: Token, text: str, calendar: Calendar, *, ahead: bool = False) -> tuple[DateMention, ...]:
    """Read a ``DATE`` token; it gives several dates if it lists years ("các năm 2001, 2006, 2013").

    Side effect: a single day becomes ``calendar.event``, and a year ``calendar.year``.

    Args:
        token: The token.
        text: Text of the article.
        calendar: What its relative words count from.
        ahead: Its clause speaks of what is to come, so that a weekday is the next one.
    """
    words = _sort_words(leaves(token), text)
    if token.rule == "date-year" and len(words.years) > 1:
        return tuple(_make_mention(token, _year_span(year)) for year in words.years)
    span = _read_span(words, calendar, ahead=ahead)
    if span is None:
        return (_make_mention(token, None),)
    first, last, precision = span
    is_day = precision == "day"
    if is_day and first == last:
        calendar.event = first
    if precision == "year":
        calendar.year = first.year
    contradicted = is_day and words.weekday is not None and first.weekday() != words.weekday
    return (_make_mention(token, span, contradicted=contradicted),)


def _sort_words(words: Iterable[Token], text: str) -> _DateWords:
    words = tuple(words)
    numbers = [int(n) for w in words if w.kind in _NUMERIC for n in _NUMBERS.findall(text[w.start : w.end])]
    return _DateWords(
        classes=frozenset(word.kind for word in words),
        numbers=numbers,
        years=[int(text[word.start : word.end]) for word in words if word.kind == "YEAR"],
        weekday=_first_number(words, "WEEKDAY"),
        month=_first_number(words, "MONTHNAME"),
        offsets={word.kind: int(word.value) for word in words if word.kind in _OFFSETS},
    )


def _first_number(words: Iterable[Token], token_class: str) -> int | None:
    return next((int(word.value) for word in words if word.kind == token_class), None)


def _make_mention(token: Token, span: _Span | None, *, contradicted: bool = False) -> DateMention:
    first, last, precision = span or (None, None, None)
    return DateMention(token.start, token.end, first, last, precision, contradicted)


def _read_span(words: _DateWords, calendar: Calendar, *, ahead: bool) -> _Span | None:
    if words.classes & _NUMERIC_DAYS:
        return _read_numeric_days(words.numbers, words.weekday, calendar)
    if "MY" in words.classes:
        return _month_span(words.numbers[-1], words.numbers[-2])
    if words.classes & {"MONTH_WORD", "MONTHNAME"}:
        return _read_month_words(words, calendar)
    if words.years:
        return _year_span(words.numbers[-1])
    return _read_relative(words, calendar, ahead=ahead)


def _read_numeric_days(numbers: Sequence[int], weekday: int | None, calendar: Calendar) -> _Span | None:
    """Read days in numbers: d/m, d/m/y, and ranges d-d/m and d/m-d/m, with or without a year at the end."""
    *rest, last = numbers
    year = last if last > _LEAST_YEAR else None
    parts = list(rest) if year else list(numbers)
    if len(parts) == 2:
        day, month = _order_parts(parts, calendar)
        found = _complete_day(day, month, year, weekday, calendar)
        return (found, found, "day") if found else None
    if len(parts) == 3:
        first_day, last_day, month = parts
        return _read_range((first_day, month), (last_day, month), year, calendar)
    if len(parts) == 4:
        return _read_range(_order_parts(parts[:2], calendar), _order_parts(parts[2:], calendar), year, calendar)
    return None


def _order_parts(parts: Sequence[int], calendar: Calendar) -> tuple[int, int]:
    """Return day and month of two numbers in the order in which the language writes them."""
    first, second = parts
    return (first, second) if calendar.day_first else (second, first)


def _read_range(first: tuple[int, int], last: tuple[int, int], year: int | None, calendar: Calendar) -> _Span | None:
    """Read a range of days, each given as day and month; a year that is not written is that of the last day."""
    end = _complete_day(*last, year, None, calendar)
    start = _complete_day(*first, end.year if end else year, None, calendar)
    return (start, end, "day") if start and end and start <= end else None


def _complete_day(day: int, month: int, year: int | None, weekday: int | None, calendar: Calendar) -> date | None:
    """Return a day and month in the year that the text gives, or else that publication, event or weekday tell."""
    if year is not None:
        return _make_date(year, month, day)
    if calendar.published:
        return _find_nearest_day(day, month, calendar.published)
    if calendar.event:
        return _make_date(calendar.event.year, month, day)
    return _find_by_weekday(day, month, weekday, calendar) if weekday is not None else None


def _find_nearest_day(day: int, month: int, published: date) -> date | None:
    """Return a day and month in the year of publication, or in the one before or after it if that is meant."""
    found = _make_date(published.year, month, day)
    if found is None:
        return None
    if found - published > _FAR_AHEAD:
        return _make_date(published.year - 1, month, day)
    if published - found > _FAR_AHEAD:
        next_year = _make_date(published.year + 1, month, day)
        return next_year if next_year and next_year - published < _SOON else found
    return found


def _find_by_weekday(day: int, month: int, weekday: int, calendar: Calendar) -> date | None:
    """Return the last time that the day fell on that weekday before the article was read."""
    if calendar.latest is None:
        return None
    for year in range(calendar.latest.year, calendar.latest.year - _WEEKDAY_YEARS_BACK, -1):
        found = _make_date(year, month, day)
        if found and found <= calendar.latest and found.weekday() == weekday:
            return found
    return None


def _make_date(year: int, month: int, day: int) -> date | None:
    """Return the date; None if there is no such day."""
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


def _read_month_words(words: _DateWords, calendar: Calendar) -> _Span | None:
    """Read a month in words, with or without a day and a year: "24 tháng 10 năm 2024", "May 2024", "tháng 3"."""
    small = [number for number in words.numbers if number <= _DAYS_OF_MONTH]
    month = words.month or (small[-1] if small else None)
    if month is None or not 1 <= month <= 12:
        return None
    year = _find_year(words, calendar)
    numbers_of_month = 0 if words.month else 1
    if len(small) > numbers_of_month:
        found = _complete_day(small[0], month, year, None, calendar)
        return (found, found, "day") if found else None
    return _month_span(year, month) if year else _find_nearest_month(month, calendar)


def _find_year(words: _DateWords, calendar: Calendar) -> int | None:
    """Return the year that the words name or count, or else the one named earlier in the sentence."""
    if words.years:
        return words.years[0]
    if "RELYEAR" in words.offsets and calendar.published:
        return calendar.published.year + words.offsets["RELYEAR"]
    return calendar.year


def _find_nearest_month(month: int, calendar: Calendar) -> _Span | None:
    """Return the last month of that number that has come, or the coming one if it is at most half a year off."""
    if not calendar.published:
        return None
    is_far_ahead = month - calendar.published.month > 6
    return _month_span(calendar.published.year - is_far_ahead, month)


def _read_relative(words: _DateWords, calendar: Calendar, *, ahead: bool) -> _Span | None:
    """Read words that count from a day: "hôm qua", "cùng ngày", "thứ Ba tuần trước", "tháng tới", "năm ngoái"."""
    today, offsets = calendar.published, words.offsets
    if "EVENTDAY" in offsets:
        return _day_span(calendar.event or today, offsets["EVENTDAY"])
    if today is None:
        return None
    if words.weekday is not None:
        coming = "TO" in words.classes
        return _day_span(_find_weekday(today, words.weekday, offsets.get("RELWEEK"), coming=coming, ahead=ahead))
    if "RELDAY" in offsets:
        return _day_span(today, offsets["RELDAY"])
    if "THIS" in words.classes:
        return _day_span(today)
    if "RELMONTH" in offsets:
        months = today.year * 12 + today.month - 1 + offsets["RELMONTH"]
        return _month_span(months // 12, months % 12 + 1)
    if "RELYEAR" in offsets:
        return _year_span(today.year + offsets["RELYEAR"])
    return None


def _day_span(day: date | None, later: int = 0) -> _Span | None:
    """Return the day that lies so many days later; None if the day is not known."""
    if day is None:
        return None
    found = day + timedelta(days=later)
    return found, found, "day"


def _find_weekday(today: date, weekday: int, week: int | None, *, coming: bool, ahead: bool) -> date:
    """Return the nearest such day up to today, or from today on; with "this, last, next week" the one of that week."""
    if week is not None:
        monday = today - timedelta(days=today.weekday())
        return monday + timedelta(days=weekday, weeks=week)
    if coming:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if ahead:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    return today - timedelta(days=(today.weekday() - weekday) % 7)
