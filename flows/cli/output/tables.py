"""Print rows: a table for people, JSON or CSV for programs."""

import csv
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from itertools import chain, islice
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.cli.output.formats import Format
from flows.cli.output.messages import say
from flows.cli.output.terminal import remove_controls, unbroken_pipe, use_utf8_in_pipes
from flows.cli.output.values import to_cell, to_json, to_line, write_json
from tasks.lake import QueryResult

__all__ = ["print_rows"]

_MOST_ON_SCREEN = 1_000
"""Rows of a table on a terminal; a pipe gets all."""
_ROWS_TO_MEASURE = 1_000
"""Rows of a table in a pipe whose cells say how wide its columns are: the first ones, so that memory is bounded."""
_NARROWEST = 12
"""Terminal columns that a column of words needs; a narrower one cannot be read."""
_LONGEST_ATOM = 40
"""Characters of a cell without blanks (a date, a time, an id) that is never split over two lines."""
_GAP = "  "
"""Between columns in a pipe; on a terminal one blank."""


def print_rows(result: QueryResult, form: Format, *, zone: tzinfo = UTC, optional: Collection[str] = ()) -> int:
    """Write a result to standard output.

    A table fits the terminal: rows that are too wide for it are printed one cell below the other. In a pipe, every row
    is one line, however long, and is written as it comes. JSON is one array of objects (``json``) or one object per
    line (``jsonl``); CSV follows RFC 4180. Both are UTF-8 in a pipe.

    Args:
        result: The rows.
        form: How to print them.
        zone: Where times are told.
        optional: Columns that a table leaves out where the terminal is too narrow for all, first ones first.

    Returns:
        The number of rows written.

    Raises:
        StopFlow: The query fails on the way.
    """
    with unbroken_pipe():
        if form == "table":
            if sys.stdout.isatty():
                return _write_on_terminal(result, zone, optional)
            return _write_lines(result, zone, sys.stdout)
        use_utf8_in_pipes()
        if form == "csv":
            return _write_csv(result, zone, sys.stdout)
        if form == "jsonl":
            return _write_json_lines(result, zone, sys.stdout)
        return _write_json(result, zone, sys.stdout)


def _write_json(result: QueryResult, zone: tzinfo, out: TextIO) -> int:
    number = 0
    out.write("[")
    for number, line in enumerate(_json_objects(result, zone), 1):
        out.write(("\n" if number == 1 else ",\n") + line)
    out.write("\n]\n" if number else "]\n")
    return number


def _write_json_lines(result: QueryResult, zone: tzinfo, out: TextIO) -> int:
    number = 0
    for line in _json_objects(result, zone):
        out.write(line + "\n")
        number += 1
    return number


def _json_objects(result: QueryResult, zone: tzinfo) -> Iterator[str]:
    for row in result.rows:
        yield write_json({name: to_json(cell, zone) for name, cell in zip(result.columns, row, strict=True)})


def _write_csv(result: QueryResult, zone: tzinfo, out: TextIO) -> int:
    on_terminal = out.isatty()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(result.columns)
    number = 0
    for row in result.rows:
        cells = [to_cell(cell, zone) for cell in row]
        writer.writerow([remove_controls(cell, keep="\n\t") for cell in cells] if on_terminal else cells)
        number += 1
    return number


def _write_lines(result: QueryResult, zone: tzinfo, out: TextIO) -> int:
    """Write a table as wide as it needs, row by row; a cell that is wider than those before it pushes the rest."""
    rows = ([to_line(cell, zone) for cell in row] for row in result.rows)
    first = list(islice(rows, _ROWS_TO_MEASURE))
    if not first:
        return 0
    widths = [max(map(cell_len, cells)) for cells in zip(result.columns, *first, strict=True)]
    out.write(_align_cells(result.columns, widths) + "\n")
    out.write("─" * (sum(widths) + len(_GAP) * (len(widths) - 1)) + "\n")
    number = 0
    for row in chain(first, rows):
        out.write(_align_cells(row, widths) + "\n")
        number += 1
    return number


def _align_cells(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _write_on_terminal(result: QueryResult, zone: tzinfo, optional: Collection[str]) -> int:
    console = Console(file=sys.stdout)
    rows = [[to_line(cell, zone) for cell in row] for row in islice(result.rows, _MOST_ON_SCREEN)]
    columns = dict(zip(result.columns, zip(*rows, strict=True), strict=True)) if rows else {}
    for name in optional:
        if not _fits_width(columns, console.width):
            columns.pop(name, None)
    if _fits_width(columns, console.width):
        if rows:
            console.print(_make_table(columns))
    else:
        _print_records(console, result.columns, rows)
    if next(result.rows, None) is not None:
        say(f"The first {_MOST_ON_SCREEN:,} rows; --format csv prints all.")
    return len(rows)


def _fits_width(columns: dict[str, tuple[str, ...]], width: int) -> bool:
    """Return True if a terminal is wide enough for a table that splits no date, id or number over two lines."""
    needed = (_narrowest_width(name, cells) for name, cells in columns.items())
    return sum(needed) + len(columns) - 1 <= width


def _narrowest_width(name: str, cells: Sequence[str]) -> int:
    widest = max(map(cell_len, cells))
    return max(cell_len(name), widest if _are_atoms(cells) else min(widest, _NARROWEST))


def _are_atoms(cells: Sequence[str]) -> bool:
    """Return True if no cell may be split over two lines: each is one short word, such as a date, or a time."""
    return all(len(cell) <= _LONGEST_ATOM and (" " not in cell or cell[:1].isdecimal()) for cell in cells)


def _make_table(columns: dict[str, tuple[str, ...]]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name, cells in columns.items():
        table.add_column(
            Text(name), overflow="fold", no_wrap=_are_atoms(cells), min_width=_narrowest_width(name, cells)
        )
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, row))
    return table


def _print_records(console: Console, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for number, row in enumerate(rows, 1):
        console.rule(Text(f"row {number}"), align="left")
        record = Table.grid(padding=(0, 2))
        for name, cell in zip(columns, row, strict=True):
            record.add_row(Text(name, style="bold", no_wrap=True), Text(cell, overflow="fold"))
        console.print(record)
