"""Which rows a person wants to see: the options of `parley show`, and the values of the lake that they mean."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Literal, TypeAlias, get_args

import duckdb
from cyclopts import Parameter

from schemas.errors import StopFlow
from schemas.meetings import MeetingFormat, MeetingStatus
from schemas.quotes import QuoteKind
from seeds import SEEDS
from tasks.mentions.people import PeopleMatch, load_people, match_people, name_matches

__all__ = ["Filters", "Kind", "Miss", "Question", "find_people", "find_values"]

Question: TypeAlias = Literal["meetings", "quotes", "topics", "ledger"]
Kind: TypeAlias = Literal[MeetingFormat, QuoteKind]

_MOST_SUGGESTIONS = 3
_MOST_LISTED = 12
"""Values that a message lists where none is like what was typed."""

_KINDS: Mapping[Question, tuple[str, ...]] = {
    "meetings": get_args(MeetingFormat),
    "quotes": get_args(QuoteKind),
    "ledger": get_args(QuoteKind),
}

_MET = "SELECT DISTINCT coalesce(person_id, name), name FROM meetings_flat WHERE name IS NOT NULL"
_SPOKE = "SELECT DISTINCT coalesce(speaker_id, speaker), speaker FROM quotes WHERE speaker IS NOT NULL"
_PEOPLE: Mapping[Question, str] = {
    "meetings": _MET,
    "quotes": _SPOKE,
    "ledger": _SPOKE,
    "topics": f"{_MET} UNION {_SPOKE}",
}
_VALUES = {
    "outlet": "SELECT DISTINCT coalesce(outlet, source), outlet, source FROM articles",
    "city": "SELECT DISTINCT city FROM meetings WHERE city IS NOT NULL",
    "topic": "SELECT DISTINCT topic_id, label, label_vi FROM topics",
}
"""Values of the lake, each with what it may be called by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions on rows, as a person types them; all hold at once."""

    person: str | None = None
    """A name, or the beginnings of its words, in any of its spellings; case and accents do not matter."""
    words: Annotated[tuple[str, ...], Parameter(name="--with", show_default=False)] = field(default=())
    """Words that the sentence holds, accents or not; give it again for more of them."""
    outlet: str | None = None
    """Name of the outlet or id of the source."""
    country: str | None = None
    """Code or name: where it took place, or of one who met or spoke."""
    city: str | None = None
    """Where it took place."""
    topic: str | None = None
    """Id as `parley show topics` prints it, or a name."""
    status: MeetingStatus | None = None
    """Of meetings."""
    kind: Kind | None = None
    """Direct, mixed or indirect, of quotes; how people met, of meetings."""
    since: date | None = None
    """First day, such as 2026-03-01: of the meeting, or of publication for everything else."""
    until: date | None = None
    """Last day."""

    def check(self, question: Question) -> None:
        """Check that the conditions can be asked of a question.

        Raises:
            StopFlow: One cannot; the message says what can.
        """
        for phrase in self.words:
            if not any(map(str.isalnum, phrase)):
                raise StopFlow(f"--with is {phrase!r}; give words")
        kinds = _KINDS.get(question, ())
        if self.kind and self.kind not in kinds:
            choices = f"{question} have {', '.join(kinds)}" if kinds else f"{question} have none"
            raise StopFlow(f"--kind is {self.kind}; {choices}")
        if self.since and self.until and self.since > self.until:
            raise StopFlow(f"--since {self.since} is after --until {self.until}; exchange them")


@dataclass(frozen=True, slots=True)
class Miss:
    """A typed value that means nothing in a lake."""

    option: str
    typed: str
    similar: tuple[str, ...]
    """Values that are spelled nearly like it, nearest first; may be empty."""
    some: tuple[str, ...]
    """Some of the values there are, where none is similar."""


def find_people(connection: duckdb.DuckDBPyConnection, question: Question, typed: str) -> PeopleMatch:
    """Find whom of those in the rows of a question a typed name means."""
    present = connection.execute(_PEOPLE[question]).fetchall()
    return match_people(typed, present, load_people(SEEDS))


def find_values(
    connection: duckdb.DuckDBPyConnection, option: Literal["outlet", "city", "topic", "country"], typed: str
) -> list[str] | Miss:
    """Find the values of a column that a typed name means.

    Returns:
        The values, never none of them; or what there is instead.
    """
    names = _country_names() if option == "country" else _names_in_lake(connection, option)
    found = _match_names(typed, names)
    if found:
        return found
    folded = {name.casefold(): spellings[0] for spellings in names.values() for name in spellings}
    near = get_close_matches(typed.casefold(), folded, n=_MOST_SUGGESTIONS)
    similar = tuple(dict.fromkeys(folded[name] for name in near))
    # All countries of the world would be no help.
    some = () if similar or option == "country" else sorted(spellings[0] for spellings in names.values())
    return Miss(option, typed, similar, tuple(some[:_MOST_LISTED]))


def _names_in_lake(connection: duckdb.DuckDBPyConnection, option: str) -> dict[str, tuple[str, ...]]:
    rows = connection.execute(_VALUES[option]).fetchall()
    names = {value: tuple(name for name in row if name) for row in rows if (value := row[0])}
    if option == "city":
        aliases = {row["name"]: _split_names(row["aliases"]) for row in _read_places("cities.csv")}
        return {city: (city, *aliases.get(city, ())) for city in names}
    return names


def _country_names() -> dict[str, tuple[str, ...]]:
    rows = _read_places("countries.csv")
    return {row["code"]: (row["name"], row["vi"], *_split_names(row["aliases"])) for row in rows}


def _match_names(typed: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the values of that name; or else those one of whose names has words that begin with the typed ones."""
    same = [value for value, spellings in names.items() if any(_is_same(typed, name) for name in (value, *spellings))]
    if same:
        return same
    return [value for value, spellings in names.items() if any(name_matches(typed, name) for name in spellings)]


def _is_same(typed: str, name: str) -> bool:
    return name_matches(typed, name) and name_matches(name, typed)


def _read_places(file: str) -> Iterable[dict[str, str]]:
    with (SEEDS / "places" / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _split_names(names: str) -> tuple[str, ...]:
    return tuple(filter(None, names.split("|")))
