"""Cells of TOML files that people write, checked one by one; every mistake is told with its key."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

__all__ = ["Table", "check_keys", "day", "matching", "number", "one_of", "tables", "text", "texts", "within"]

Table = Mapping[str, object]
_Parsed = TypeVar("_Parsed")


def text(table: Table, key: str) -> str:
    """A text that is there and not blank.

    Raises:
        ValueError: Here and below: what is wrong, with the key first.
    """
    if key not in table:
        raise ValueError(f"{key}: is missing")
    return _plain(table[key], key)


def texts(table: Table, key: str) -> tuple[str, ...]:
    """A list of texts; none where the key is absent."""
    values = table.get(key, [])
    if not isinstance(values, list):
        raise ValueError(f"{key}: {values!r} is no list")  # noqa: TRY004  # one kind of error for all mistakes
    return tuple(_plain(value, key) for value in values)


def tables(table: Table, key: str) -> list[object]:
    """The rows of ``[[key]]``; none where there are none."""
    rows = table.get(key, [])
    if not isinstance(rows, list):
        raise ValueError(f"{key}: is no list of tables; write [[{key}]]")  # noqa: TRY004
    return rows


def day(table: Table, key: str) -> date:
    """A day without a time."""
    value = table.get(key)
    if type(value) is not date:  # a date with a time is a date to isinstance
        raise ValueError(f"{key}: {value!r} is no day; write one such as 2024-01-31, without quotation marks")
    return value


def number(table: Table, key: str, default: float, least: float, most: float) -> float:
    """A number within bounds."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{key}: {value!r} is no number from {least} to {most}")
    return value


def one_of(choices: Iterable[_Parsed], value: object, key: str) -> _Parsed:
    """The choice that a value is."""
    choices = tuple(choices)
    if value not in choices:
        raise ValueError(f"{key}: {value!r} is none of {', '.join(map(str, choices))}")
    return choices[choices.index(value)]


def matching(pattern: re.Pattern[str], value: str, key: str) -> str:
    """The text, if it has the wanted form."""
    if not pattern.fullmatch(value):
        raise ValueError(f"{key}: {value!r} does not look like {pattern.pattern}")
    return value


def check_keys(table: Table, known: Iterable[str]) -> None:
    """See that no key is misspelt."""
    known = sorted(known)
    if unknown := sorted(set(table) - set(known)):
        raise ValueError(f"{unknown[0]}: is an unknown key; known are {', '.join(known)}")


def within(key: str, value: object, parse: Callable[[Table], _Parsed]) -> _Parsed:
    """Parse a table inside the file; its mistakes are told with its own key before theirs."""
    try:
        if not isinstance(value, dict):
            raise ValueError("is no table")  # noqa: TRY004, TRY301
        return parse(value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def _plain(value: object, key: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key}: {value!r} is no text")
    return value
