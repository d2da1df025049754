"""Show meetings, quotes and topics of a lake: the questions that most people have, without SQL."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import duckdb
from cyclopts import Parameter

from flows.cli.filters import Filters, Miss, Question, find_people, find_values
from flows.cli.output.entries import print_meetings, print_quotes
from flows.cli.output.formats import Format
from flows.cli.output.language import Interface, InterfaceLanguage, load_interface
from flows.cli.output.messages import say
from flows.cli.output.tables import print_rows
from flows.cli.output.times import read_as_of, read_zone
from schemas.errors import StopFlow
from tasks.lake import QueryResult, open_lake, query_session

__all__ = ["show"]

_SQL = Path(__file__).with_name("questions")
_NO_FILTERS = Filters()
_PARAMETERS = {
    "person": "people",
    "outlet": "outlets",
    "country": "countries",
    "city": "cities",
    "topic": "topics",
    "status": "status",
    "kind": "kind",
    "words": "words",
    "since": "since",
    "until": "until",
}
"""The parameter of SQL for each filter; a question that has not the one cannot be asked with the other."""
_VALUES: tuple[Literal["outlet", "country", "city", "topic"], ...] = ("outlet", "country", "city", "topic")
_BRIEF: dict[Question, tuple[str, ...]] = {
    "meetings": ("date", "reported", "status", "who", "where"),
    "quotes": ("published", "who", "words"),
    "ledger": ("published", "who", "topic", "words"),
    "topics": ("topic", "label", "articles", "meetings", "quotes", "newest"),
}
"""Columns of a table with one line for each row."""
_OTHER_QUESTION: dict[Question, Question] = {"meetings": "quotes", "quotes": "meetings", "ledger": "meetings"}
"""Where to look for a person whom a question does not find."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, as it was asked on the command line."""

    question: Question
    filters: Filters
    lake: str
    limit: int
    interface: Interface

    @property
    def rows(self) -> str:
        """What its rows are called."""
        return self.interface.rows[self.question]

    def message(self, name: str, **facts: object) -> str:
        """Return a message about it, in the person's language."""
        return self.interface.messages[name].format(rows=self.rows, lake=self.lake, **facts)


def show(
    question: Question,
    /,
    *,
    filters: Annotated[Filters, Parameter(name="*")] = _NO_FILTERS,
    lake: str = "lake",
    as_of: datetime | None = None,
    timezone: str | None = None,
    lang: InterfaceLanguage = "en",
    brief: bool = False,
    limit: int = 20,
    format: Format = "table",  # noqa: A002
) -> None:
    """Print the newest meetings or quotes, the commonest topics, or the ledger: who said what about which topic.

    Args:
        question: What to show.
        filters: Which rows.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        as_of: Show what was known at that time, such as 2026-03-05T12:00, in --timezone unless it names another.
        timezone: Zone of times, such as Asia/Ho_Chi_Minh; by default UTC. Days are those of the outlet in any case.
        lang: Language of headings, statuses and messages.
        brief: Print one line for each row.
        limit: Most rows to show, from 1.
        format: How to print: text for people, one JSON array of objects, JSON lines, or CSV (RFC 4180).
    """
    if limit < 1:
        raise StopFlow(f"--limit is {limit}; it must be 1 or more")
    filters.check(question)
    asked = _Asked(question, filters, lake, limit, load_interface(lang))
    sql = _read_sql(asked)
    zone = read_zone(timezone)
    with open_lake(lake, as_of=read_as_of(lake, as_of, zone)) as connection:
        query_session(connection, lake, (_SQL / "matching.sql").read_text("utf-8"))
        parameters, hints = _find_parameters(connection, asked)
        used = {name: value for name, value in parameters.items() if f"${name}" in sql}
        result = query_session(connection, lake, sql, used)
        assert result is not None
        rows = QueryResult(result.columns, islice(result.rows, limit))
        if format == "table":
            shown = _print_text(rows, question, asked.interface, brief=brief)
        else:
            shown = print_rows(rows, format, zone=zone)
        has_more = next(result.rows, None) is not None
        for line in _comment_on_rows(asked, shown, hints, has_more=has_more):
            say(line)


def _read_sql(asked: _Asked) -> str:
    """Return the SQL of a question.

    Raises:
        StopFlow: A filter was given that this question does not know.
    """
    sql = (_SQL / f"{asked.question}.sql").read_text("utf-8")
    for name, parameter in _PARAMETERS.items():
        if getattr(asked.filters, name) and f"${parameter}" not in sql:
            option = _option_of(name)
            raise StopFlow(f"{option} cannot be asked of {asked.question}; leave it out, or show something else")
    return sql


def _find_parameters(connection: duckdb.DuckDBPyConnection, asked: _Asked) -> tuple[dict[str, object], list[str]]:
    """Return the parameters of the SQL, and what to say of filters that match nothing in the lake."""
    filters = asked.filters
    parameters: dict[str, object] = {
        "status": filters.status,
        "kind": filters.kind,
        "words": list(filters.words) or None,
        "since": filters.since,
        "until": filters.until,
        "limit": asked.limit + 1,
        "people": None,
    }
    hints: list[str] = []
    if filters.person:
        match = find_people(connection, asked.question, filters.person)
        parameters["people"] = list(match.person_ids)
        if not match.person_ids:
            hints += _explain_no_person(connection, asked, filters.person)
    for option in _VALUES:
        typed = getattr(filters, option)
        found = find_values(connection, option, typed) if typed else None
        if isinstance(found, Miss):
            hints += _explain_miss(asked, found)
        parameters[_PARAMETERS[option]] = [] if isinstance(found, Miss) else found
    return parameters, hints


def _explain_no_person(connection: duckdb.DuckDBPyConnection, asked: _Asked, typed: str) -> Iterator[str]:
    """Say who may have been meant, and whether another question finds the person."""
    other = _OTHER_QUESTION.get(asked.question, asked.question)
    here = find_people(connection, asked.question, typed)
    elsewhere = find_people(connection, other, typed)
    if here.absent:
        yield asked.message("known_elsewhere", names=", ".join(here.absent))
    elif not elsewhere.person_ids:
        yield from _explain_miss(asked, Miss("person", typed, here.suggestions or elsewhere.suggestions, ()))
    if elsewhere.person_ids:
        command = _write_command(_Asked(other, Filters(person=typed), asked.lake, 0, asked.interface))
        yield asked.interface.messages["elsewhere"].format(rows=asked.interface.rows[other], command=command)


def _explain_miss(asked: _Asked, miss: Miss) -> Iterator[str]:
    yield asked.message("no_value", option=asked.interface.options[miss.option], value=miss.typed)
    if miss.similar:
        yield asked.message("similar", names=", ".join(miss.similar))
    elif miss.some:
        yield asked.message("some_values", names=", ".join(miss.some))


def _print_text(rows: QueryResult, question: Question, interface: Interface, *, brief: bool) -> int:
    if brief or question == "topics":
        return _print_brief(rows, interface, _BRIEF[question])
    return print_meetings(rows, interface) if question == "meetings" else print_quotes(rows, interface)


def _print_brief(rows: QueryResult, interface: Interface, columns: Sequence[str]) -> int:
    """Print a table of some columns, with headings, statuses and names of topics in the person's language."""
    shown = [interface.label if name == "label" else name for name in columns]
    places = [rows.columns.index(name) for name in shown]
    statuses = interface.status
    cells = (tuple(statuses.get(row[place], row[place]) for place in places) for row in rows.rows)  # type: ignore[call-overload]  # a cell is no list here
    headings = {name: interface.headings[name] for name in columns}
    return print_rows(QueryResult(tuple(headings.values()), cells), "table", optional=(interface.headings["label"],))


def _comment_on_rows(asked: _Asked, shown: int, hints: list[str], *, has_more: bool) -> Iterator[str]:
    """Say how many rows there are, how to see more, or what to try where there are none."""
    if shown and has_more:
        more = _Asked(asked.question, asked.filters, asked.lake, asked.limit * 5, asked.interface)
        yield asked.message("more", counted=asked.interface.count_rows(shown), command=_write_command(more))
    elif shown:
        yield asked.interface.count_rows(shown)
    elif hints:
        yield from hints
    elif asked.filters != _NO_FILTERS:
        yield f"{asked.message('nothing')} {asked.message('try_less')}"
    else:
        yield asked.message("empty")


def _write_command(asked: _Asked) -> str:
    """Return the command that asks this, to be copied into a shell."""
    words = ["parley", "show", asked.question]
    for name in (one.name for one in fields(Filters)):
        given = getattr(asked.filters, name)
        for value in given if isinstance(given, tuple) else (given,):
            words += [_option_of(name), str(value)] if value else []
    words += ["--lake", str(asked.lake)] if asked.lake != "lake" else []
    words += ["--limit", str(asked.limit)] if asked.limit else []
    return shlex.join(words)


def _option_of(filter_name: str) -> str:
    return "--with" if filter_name == "words" else f"--{filter_name}"
