"""Values of DuckDB as JSON has them, and as text."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import TypeAlias

from flows.cli.output.terminal import remove_controls

__all__ = ["Json", "to_cell", "to_json", "to_line", "write_json"]

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_CONTROL_IN_JSON = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters that the standard library leaves as they are in JSON."""


def write_json(value: Json) -> str:
    """Return JSON on one line, with its letters as they are and its control characters escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _CONTROL_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def to_json(cell: object, zone: tzinfo = UTC) -> Json:
    """Return a value of DuckDB as JSON has it; JSON knows no NaN and no infinity.

    Args:
        cell: The value.
        zone: Where times are told.
    """
    if cell is None or isinstance(cell, str | bool | int):
        return cell
    if isinstance(cell, float | Decimal):
        return _number_to_json(cell)
    if isinstance(cell, list | tuple):
        return [to_json(item, zone) for item in cell]
    if isinstance(cell, Mapping):
        return {str(to_json(key, zone)): to_json(value, zone) for key, value in cell.items()}
    return _scalar_to_json(cell, zone)


def to_cell(cell: object, zone: tzinfo = UTC) -> str:
    """Return a value as text: nested ones as JSON, others as JSON has them but without quotation marks, NULL empty."""
    if cell is None:
        return ""
    plain = to_json(cell, zone)
    return plain if isinstance(plain, str) else write_json(plain)


def to_line(cell: object, zone: tzinfo = UTC) -> str:
    """Return a value as text for people, on one line and without control characters."""
    if isinstance(cell, datetime):
        exact = "seconds" if cell.second else "minutes"
        return _in_zone(cell, zone).isoformat(sep=" ", timespec=exact).replace("+00:00", "Z")
    return remove_controls(to_cell(cell, zone))


def _number_to_json(number: float | Decimal) -> int | float | None:
    """Return a number; None for one that JSON does not know, a whole number without a fraction for a decimal."""
    if not math.isfinite(number):
        return None
    if isinstance(number, Decimal) and number == number.to_integral_value():
        return int(number)
    return float(number)


def _scalar_to_json(cell: object, zone: tzinfo) -> str:
    if isinstance(cell, datetime):
        return _in_zone(cell, zone).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell.hex() if isinstance(cell, bytes) else str(cell)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return the time in the zone; a time without a zone stays as it is."""
    return moment.astimezone(zone) if moment.tzinfo else moment
