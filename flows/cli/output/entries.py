"""Print meetings and quotes one below the other, as an editor reads them: who, when, where, and the sentence."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TypeAlias

from flows.cli.output.language import Interface, translate
from flows.cli.output.terminal import remove_controls, terminal_width, unbroken_pipe
from flows.cli.output.values import to_cell
from tasks.lake import QueryResult

__all__ = ["print_meetings", "print_quotes"]

_WIDEST = 100
"""Columns beyond which lines of prose are hard to read."""
_DOT = " · "
_MARKS = "“”"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row: its cells as text without control characters, NULL as the empty text; lists stay lists."""

    cells: dict[str, str]
    topics: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


_MakeLines: TypeAlias = "Callable[[_Entry, int, Interface], Iterator[str]]"


def print_meetings(result: QueryResult, interface: Interface) -> int:
    """Write meetings to standard output: who met, when, where, the sentence that says so, and where it stands.

    Args:
        result: Rows of the question ``meetings``.
        interface: The language of what stands beside them.

    Returns:
        The number of meetings written.
    """
    return _print_entries(result, interface, _meeting_lines)


def print_quotes(result: QueryResult, interface: Interface) -> int:
    """Write quotes to standard output: who, when and where, the words, and the sentence around them.

    Args:
        result: Rows of the question ``quotes`` or ``ledger``.
        interface: The language of what stands beside them.

    Returns:
        The number of quotes written.
    """
    return _print_entries(result, interface, _quote_lines)


def _print_entries(result: QueryResult, interface: Interface, make_lines: _MakeLines) -> int:
    width = min(_WIDEST, terminal_width())
    number = 0
    with unbroken_pipe():
        for row in result.rows:
            lines = make_lines(_read_entry(result.columns, row, interface.label), width, interface)
            sys.stdout.writelines(f"{line}\n" for line in lines)
            sys.stdout.write("\n")
            number += 1
    return number


def _read_entry(columns: Iterable[str], row: tuple[object, ...], label: str) -> _Entry:
    cells = dict(zip(columns, row, strict=True))
    listed = cells.pop("topics", None)
    topics = listed if isinstance(listed, list) else [cells]
    names = (topic[label] or topic["label"] for topic in topics)
    texts = {name: remove_controls(to_cell(cell)) for name, cell in cells.items()}
    return _Entry(texts, tuple(remove_controls(str(name)) for name in names if name))


def _meeting_lines(entry: _Entry, width: int, interface: Interface) -> Iterator[str]:
    phrases = interface.entry
    when = entry["date"] or _say_day(entry["reported"], phrases, "no_date")
    minutes = entry["minutes"] and phrases["minutes"].format(minutes=entry["minutes"])
    status = translate(entry["status"], interface.status)
    form = translate(entry["format"], interface.format)
    yield from _wrap_text(entry["who"], width)
    yield from _wrap_facts([when, status, form, entry["where"], minutes, entry["occasion"]], width)
    yield from _topic_lines(entry, "meeting", width, interface)
    yield from _wrap_text(entry["sentence"], width, indent=4)
    reported = _say_day(entry["reported"], phrases, "reported") if entry["date"] else ""
    row_id = phrases["id"].format(id=entry["meeting_id"])
    yield from _source_lines(entry, [reported, entry["outlet"], row_id], width)


def _quote_lines(entry: _Entry, width: int, interface: Interface) -> Iterator[str]:
    phrases = interface.entry
    day = entry["published"] or phrases["no_day"]
    kind = translate(entry["kind"], interface.kind)
    translated = phrases["translation"] if entry["is_translation"] == "true" else ""
    who = entry["who"] or phrases["nobody"]
    role = "" if entry["role"] == entry["who"] else entry["role"]
    yield from _wrap_text(", ".join(filter(None, [who, role])), width)
    yield from _wrap_facts([day, entry["outlet"], entry["place"], kind, translated], width)
    yield from _topic_lines(entry, "quote", width, interface)
    if entry["met"]:
        yield from _wrap_text(phrases["met"].format(who=entry["met"]), width, indent=2)
    words = f"{_MARKS[0]}{entry['words']}{_MARKS[1]}" if entry["kind"] == "direct" else entry["words"]
    yield from _wrap_text(words, width, indent=2)
    if entry["sentence"] != entry["words"]:
        yield from _wrap_text(f"… {entry['sentence']}", width, indent=4, hanging=2)
    yield from _source_lines(entry, [phrases["id"].format(id=entry["quote_id"])], width)


def _topic_lines(entry: _Entry, of_its_own: str, width: int, interface: Interface) -> Iterator[str]:
    """Say what it is about; a topic that only the article as a whole has is marked as such."""
    if entry.topics:
        came_from = entry["topics_from"] or entry["topic_from"]
        phrase = interface.entry["topics" if came_from == of_its_own else "topics_of_article"]
        yield from _wrap_text(phrase.format(topics=", ".join(entry.topics)), width, indent=2)


def _source_lines(entry: _Entry, facts: list[str], width: int) -> Iterator[str]:
    yield from _wrap_facts(facts, width, indent=4)
    if entry["url"]:
        yield f"    {entry['url']}"  # whole, so that a terminal can open it


def _say_day(day: str, phrases: dict[str, str], phrase: str) -> str:
    return phrases[phrase].format(day=day) if day else phrases["no_day"]


def _wrap_facts(facts: Iterable[str], width: int, *, indent: int = 2) -> Iterator[str]:
    """Print facts side by side, as many on a line as fit; a line ends between two of them."""
    line = ""
    for fact in filter(None, facts):
        longer = f"{line}{_DOT}{fact}" if line else fact
        if line and indent + len(longer) > width:
            yield from _wrap_text(line, width, indent=indent)
            longer = fact
        line = longer
    yield from _wrap_text(line, width, indent=indent)


def _wrap_text(text: str, width: int, *, indent: int = 0, hanging: int = 0) -> Iterator[str]:
    """Break a text into lines at its blanks; hyphens, as in dates, break nothing."""
    blanks, more = " " * indent, " " * (indent + hanging)
    yield from wrap(text, width, initial_indent=blanks, subsequent_indent=more, break_on_hyphens=False)
