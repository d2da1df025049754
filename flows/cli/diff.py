"""How the rows of two versions of the rules differ. No Prefect here."""

import json as json_text
import sys
from collections.abc import Iterator
from dataclasses import asdict

from flows.cli.output.tables import print_rows
from flows.cli.output.terminal import unbroken_pipe
from tasks.lake.query.compare import Comparison, Example, compare_versions, list_versions

__all__ = ["diff"]

_LABELS = {
    "meetings": ("participants", "status", "format", "date_start", "city"),
    "quotes": ("speaker", "kind", "text"),
    "topics": ("topic_id", "scope"),
}
_LONGEST = 160


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
            sys.stdout.write(json_text.dumps(asdict(comparison), ensure_ascii=False, default=str) + "\n")
        else:
            sys.stdout.writelines(f"{line}\n" for line in _words(comparison, old, new))


def _words(comparison: Comparison, old: str, new: str) -> Iterator[str]:
    yield f"{comparison.articles:,} articles that both {old} and {new} have read"
    for name, count in ((old, comparison.only_old), (new, comparison.only_new)):
        if count:
            yield f"{count:,} more, left out: only {name} has rows of them"
    for table, counts in comparison.counts.items():
        yield ""
        yield f"{table}: " + ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        for example in comparison.examples:
            if example.table == table:
                yield f"  {example.kind} in “{example.title or 'an article without a title'}”"
                yield from (f"      {line}" for line in _example(example))


def _example(example: Example) -> Iterator[str]:
    cells = example.new or example.old or {}
    yield _short("; ".join(_cell(cells[name]) for name in _LABELS[example.table] if cells[name] is not None))
    if example.old and example.new:
        for name, was in example.old.items():
            if was != (now := example.new.get(name)):
                yield _short(f"{name}: {_cell(was)} → {_cell(now)}")


def _cell(cell: object) -> str:
    if isinstance(cell, list):
        return ", ".join(map(_cell, cell))
    if isinstance(cell, dict):
        return str(cell.get("name") or cell.get("role") or cell.get("country") or cell)
    return str(cell)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
