"""Show how the rows of two versions of the rules differ."""

import json as json_text
import sys
from collections.abc import Iterator
from dataclasses import asdict

from flows.cli.output.messages import count
from flows.cli.output.tables import print_rows
from flows.cli.output.terminal import remove_controls, unbroken_pipe, use_utf8_in_pipes
from tasks.lake.query.compare import Comparison, Example, compare_versions, list_versions

__all__ = ["diff"]

_LABELS = {
    "meetings": ("participants", "status", "format", "date_start", "city"),
    "quotes": ("speaker", "kind", "text"),
    "topics": ("topic_id", "scope"),
}
_LONGEST = 160
"""Characters of a line; the rest of a longer one says little."""


def diff(old: str | None = None, new: str = "current", /, *, lake: str = "lake", json: bool = False) -> None:
    """Print which rows were gained, lost and changed between two versions; without any, the versions there are.

    Args:
        old: A version as the list shows it, a time such as 2026-03-05T12:00, or current.
        new: The same.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        json: Print JSON.
    """
    if old is None:
        print_rows(list_versions(lake), "json" if json else "table")
        return
    comparison = compare_versions(lake, old, new)
    with unbroken_pipe():
        if json:
            use_utf8_in_pipes()
            sys.stdout.write(json_text.dumps(asdict(comparison), ensure_ascii=False, default=str) + "\n")
        else:
            sys.stdout.writelines(f"{remove_controls(line)}\n" for line in _describe_comparison(comparison, old, new))


def _describe_comparison(comparison: Comparison, old: str, new: str) -> Iterator[str]:
    yield f"{count(comparison.articles, 'article')} that both {old} and {new} have read"
    for name, left_out in ((old, comparison.only_old), (new, comparison.only_new)):
        if left_out:
            yield f"{left_out:,} more, left out: only {name} has rows of them"
    for table, counts in comparison.counts.items():
        yield ""
        yield f"{table}: " + ", ".join(f"{rows:,} {kind}" for kind, rows in counts.items())
        for example in comparison.examples:
            if example.table == table:
                yield f"  {example.kind} in “{example.title or 'an article without a title'}”"
                yield from (f"      {line}" for line in _describe_example(example))


def _describe_example(example: Example) -> Iterator[str]:
    cells = example.new or example.old or {}
    yield _shorten("; ".join(_format_cell(cells[name]) for name in _LABELS[example.table] if cells[name] is not None))
    if example.old and example.new:
        for name, was in example.old.items():
            if was != (now := example.new.get(name)):
                yield _shorten(f"{name}: {_format_cell(was)} → {_format_cell(now)}")


def _format_cell(cell: object) -> str:
    if isinstance(cell, list):
        return ", ".join(map(_format_cell, cell))
    if isinstance(cell, dict):
        return str(cell.get("name") or cell.get("role") or cell.get("country") or cell)
    return str(cell)


def _shorten(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
