"""Rows on the way out: a table for people, JSON or CSV for programs."""

import csv
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import TextIO, TypeAlias

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.cli.output.formats import Format
from flows.cli.output.terminal import remove_controls, unbroken_pipe
from tasks.lake import Rows

__all__ = ["print_rows"]

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_MOST_ON_SCREEN = 1_000
"""Rows of a table on a terminal; a pipe gets all."""
_NARROWEST = 10
"""Terminal columns below which a column of a table cannot be read."""
_WHOLE = 12
"""Code points that are not split over two lines: dates, codes, numbers."""


def print_rows(result: Rows, form: Format) -> int:
    """Write a result to standard output.

    A table fits the terminal: rows that are too wide for it stand one below the other. In a pipe, every row is one
    line, however long. JSON is one array of objects in UTF-8; CSV follows RFC 4180.

    Returns:
        The number of rows written.

    Raises:
        StopFlow: The query fails on the way.
    """
    with unbroken_pipe():
        if form == "json":
            return _write_json(result, sys.stdout)
        if form == "csv":
            return _write_csv(result, sys.stdout)
        return _write_table(result)


def _write_json(result: Rows, out: TextIO) -> int:
    count = 0
    out.write("[")
    for count, row in enumerate(result.rows, 1):
        cells = {name: _plain(cell) for name, cell in zip(result.columns, row, strict=True)}
        out.write(("\n" if count == 1 else ",\n") + json.dumps(cells, ensure_ascii=False, allow_nan=False))
    out.write("\n]\n" if count else "]\n")
    return count


def _write_csv(result: Rows, out: TextIO) -> int:
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(result.columns)
    count = 0
    for row in result.rows:
        writer.writerow(["" if cell is None else _one_cell(cell) for cell in row])
        count += 1
    return count


def _write_table(result: Rows) -> int:
    if not sys.stdout.isatty():
        cells = [[_for_people(cell) for cell in row] for row in result.rows]
        _print_lines(result.columns, cells)
        return len(cells)
    console = Console(file=sys.stdout)
    cells = [[_for_people(cell) for cell in row] for row in islice(result.rows, _MOST_ON_SCREEN)]
    if len(result.columns) * _NARROWEST > console.width:
        _print_records(console, result.columns, cells)
    elif cells:
        console.print(_table(result.columns, cells))
    if next(result.rows, None) is not None:
        sys.stderr.write(f"The first {_MOST_ON_SCREEN:,} rows; --format csv prints all.\n")
    return len(cells)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, wrap: bool = True) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name, *cells in zip(columns, *rows, strict=True):
        whole = not wrap or max(map(len, cells)) <= _WHOLE
        table.add_column(Text(name), overflow="fold" if wrap else "ignore", no_wrap=whole)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _print_lines(columns: Sequence[str], rows: list[list[str]]) -> None:
    """A table as wide as it needs, without the blanks at the ends of its lines."""
    if not rows:
        return
    # Twice, because a character may take two places.
    width = sum(4 + 2 * max(map(len, cells)) for cells in zip(columns, *rows, strict=True))
    console = Console(file=sys.stdout, width=width, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(_table(columns, rows, wrap=False))
    sys.stdout.writelines(line.rstrip() + "\n" for line in captured.get().splitlines())


def _print_records(console: Console, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for number, row in enumerate(rows, 1):
        console.rule(Text(f"row {number}"), align="left")
        record = Table.grid(padding=(0, 2))
        for name, cell in zip(columns, row, strict=True):
            record.add_row(Text(name, style="bold", no_wrap=True), Text(cell, overflow="fold"))
        console.print(record)


def _for_people(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        exact = "seconds" if cell.second else "minutes"
        return cell.isoformat(sep=" ", timespec=exact).replace("+00:00", "Z")
    return remove_controls(_one_cell(cell))


def _one_cell(cell: object) -> str:
    """A value as text: nested ones as JSON, others as JSON would show them but without quotation marks."""
    plain = _plain(cell)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _plain(cell: object) -> Json:
    """A DuckDB value as JSON has it; JSON knows no NaN and no infinity."""
    if cell is None or isinstance(cell, str | bool | int):
        return cell
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, list | tuple):
        return [_plain(item) for item in cell]
    if isinstance(cell, Mapping):
        return {str(_plain(key)): _plain(value) for key, value in cell.items()}
    return str(cell)
