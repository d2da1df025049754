"""Seed files (TOML that people write) as validated values: the one way in which Parley reads its own data.

A table of a file is a subclass of :class:`SeedTable`; its annotations say what the table may hold::

    class Politeness(SeedTable):
        connections: Annotated[int, Field(ge=1, le=16)] = 1

    read_seed_file(path, Politeness)

Whatever is wrong with a file becomes a ``StopFlow`` that names the file, the key and what to write
instead.
"""

import csv
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from schemas.errors import StopFlow

__all__ = [
    "SeedTable",
    "check_pattern",
    "check_seed",
    "check_timezone",
    "read_csv",
    "read_seed_file",
    "read_toml",
]

_MOST_MISTAKES = 3
"""Mistakes of one file that a message lists; a person mends a few at a time."""
_MAX_SHOWN = 80
"""Characters of a wrong value that a message shows."""

_SENTENCES = {
    "string_type": "is not text; put it in quotation marks",
    "tuple_type": "is not a list; write it in square brackets",
    "model_type": "is not a table",
    "int_type": "is not a whole number",
    "float_type": "is not a number",
    "date_type": "is not a day; write one such as 2024-01-31, without quotation marks",
    "greater_than_equal": "is too small; write at least {ge}",
    "less_than_equal": "is too large; write at most {le}",
    "literal_error": "is not one of {expected}",
    "string_pattern_mismatch": "does not look like {pattern}",
}
"""What is wrong with a value, by pydantic's name of the error."""

TomlTable: TypeAlias = Mapping[str, object]


class SeedTable(BaseModel):
    """A table of a seed file: unknown keys are errors, values are taken as written, and nothing changes later.

    Declare arrays as ``tuple[…, ...]``. A validator raises ``ValueError`` with what to write
    instead; the message needs neither key nor file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_Table = TypeVar("_Table", bound=SeedTable)


def read_seed_file(path: Path, model: type[_Table]) -> _Table:
    """Read a TOML file as a validated table.

    Raises:
        StopFlow: As :func:`read_toml` and :func:`check_seed`.
    """
    return check_seed(read_toml(path), model, where=str(path))


def read_toml(path: Path) -> dict[str, object]:
    """Read a TOML file as it stands; arrays become tuples.

    Raises:
        StopFlow: The file cannot be read, is not UTF-8 or is not TOML; the message names it.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StopFlow(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # errors of TOML and of UTF-8 are ValueErrors
        raise StopFlow(f"{path}: is not a TOML file in UTF-8: {error}") from error
    return {key: _with_tuples(value) for key, value in table.items()}


def read_csv(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV table as one dictionary per row; other columns than those asked for come along.

    Args:
        path: The table; its first line names the columns.
        columns: Columns that it must have.

    Raises:
        StopFlow: The file cannot be read, is not UTF-8 or lacks a column; the message names it.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            rows, header = list(reader), reader.fieldnames or ()
    except OSError as error:
        raise StopFlow(f"{path}: cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise StopFlow(f"{path}: is not a CSV table in UTF-8: {error}") from error
    if missing := [column for column in columns if column not in header]:
        raise StopFlow(f"{path}: lacks the column {missing[0]!r}; its first line must name it")
    return rows


def check_pattern(pattern: str) -> str:
    """Return a regular expression unchanged; for ``AfterValidator``.

    Raises:
        ValueError: It does not compile.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return pattern


def check_timezone(name: str) -> str:
    """Return an IANA time zone unchanged; for ``AfterValidator``.

    Raises:
        ValueError: There is no such time zone.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; write one such as Asia/Ho_Chi_Minh") from error
    return name


def check_seed(table: TomlTable, model: type[_Table], *, where: str) -> _Table:
    """Check a table against its model.

    Args:
        table: As :func:`read_toml` gives it, or a part of it.
        model: What the table may hold.
        where: The file, for the message.

    Raises:
        StopFlow: A key is unknown, missing or has a wrong value. The message begins ``FILE: KEY:
            ``; of a row in an array it says which one, counted from 1 (``line, entry 2: pattern``).
    """
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        raise StopFlow(f"{where}: {_describe_mistakes(error, model)}") from error


def _with_tuples(value: object) -> object:
    """Return the value with every array as a tuple, because strict models take no list for a tuple."""
    if isinstance(value, list):
        return tuple(map(_with_tuples, value))
    if isinstance(value, dict):
        return {key: _with_tuples(inner) for key, inner in value.items()}
    return value


def _describe_mistakes(error: ValidationError, model: type[SeedTable]) -> str:
    mistakes = error.errors(include_url=False)
    told = [_describe_mistake(mistake, model) for mistake in mistakes[:_MOST_MISTAKES]]
    more = len(mistakes) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def _describe_mistake(mistake: ErrorDetails, model: type[SeedTable]) -> str:
    key = _printed_key(mistake["loc"])
    what = _explain(mistake, model)
    return f"{key}: {what}" if key else what


def _printed_key(loc: tuple[int | str, ...]) -> str:
    """Return where in the file a mistake is: ``politeness: connections``, ``line, entry 2: pattern``."""
    printed = ""
    for step in loc:
        if isinstance(step, int):
            printed += f", entry {step + 1}"
        else:
            printed += f": {step}" if printed else step
    return printed


def _explain(mistake: ErrorDetails, model: type[SeedTable]) -> str:
    kind, context = mistake["type"], mistake.get("ctx", {})
    match kind:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return f"is an unknown key; known are {', '.join(_known_keys(mistake['loc'], model))}"
        case "value_error":
            return str(context["error"])
        case _:
            sentence = _SENTENCES.get(kind)
            what = sentence.format(**context) if sentence else f"is wrong: {mistake['msg']}"
            return f"{_shorten(repr(mistake['input']))} {what}"


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _known_keys(loc: tuple[int | str, ...], model: type[SeedTable]) -> list[str]:
    """Return the keys of the table in which an unknown key stands, sorted."""
    for step in loc[:-1]:
        if isinstance(step, str) and (inner := _table_behind(step, model)):
            model = inner
    return sorted(field.alias or name for name, field in model.model_fields.items())


def _table_behind(key: str, model: type[SeedTable]) -> type[SeedTable] | None:
    """Return the model of the rows under a key; None for a key that holds no tables."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    pending = [fields[key].annotation] if key in fields else []
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, SeedTable):
            return kind
        pending += getattr(kind, "__args__", ())
    return None
