"""Tell who held which office when, by ``seeds/offices.csv``."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from schemas.errors import StopFlow
from tasks.mentions.spelling import person_slug

__all__ = ["Offices", "Tenure", "load_offices"]


@dataclass(frozen=True, slots=True)
class Tenure:
    """One person's time in one office; ``until`` is None while it lasts."""

    office: str
    country: str
    person: str
    spellings: tuple[str, ...]
    since: date
    until: date | None
    gender: str | None

    def covers(self, day: date) -> bool:
        """Return True if the person held the office on that day; the day of a handover belongs to the successor."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Offices:
    """Tenures by office and country, and people by the slugs of their names."""

    by_office: Mapping[tuple[str, str], tuple[Tenure, ...]]
    by_name: Mapping[str, tuple[Tenure, ...]]

    def holder(self, office: str, country: str, day: date) -> Tenure | None:
        """Return who held an office on a day; None if the table knows nobody, or more than one."""
        holders = [tenure for tenure in self.by_office.get((office, country), ()) if tenure.covers(day)]
        return holders[0] if len(holders) == 1 else None

    def known_as(self, name: str) -> tuple[Tenure, ...]:
        """Return all tenures of the person with that full name, in any spelling; empty for a stranger."""
        return self.by_name.get(person_slug(name), ())


@cache
def load_offices(seeds: Path) -> Offices:
    """Read the table; once per process.

    Raises:
        StopFlow: The file cannot be read, or a row of it is not a tenure.
    """
    by_office: dict[tuple[str, str], list[Tenure]] = {}
    by_name: dict[str, list[Tenure]] = {}
    for tenure in _read_tenures(seeds / "offices.csv"):
        by_office.setdefault((tenure.office, tenure.country), []).append(tenure)
        for spelling in {person_slug(spelling) for spelling in tenure.spellings}:
            by_name.setdefault(spelling, []).append(tenure)
    return Offices(
        {key: tuple(tenures) for key, tenures in by_office.items()},
        {key: tuple(tenures) for key, tenures in by_name.items()},
    )


def _read_tenures(file: Path) -> list[Tenure]:
    try:
        with file.open(encoding="utf-8", newline="") as rows:
            return [_read_tenure(row) for row in csv.DictReader(rows)]
    except (OSError, KeyError, ValueError) as error:
        raise StopFlow(f"{file}: {error!r}; restore the file or correct the row") from error


def _read_tenure(row: Mapping[str, str]) -> Tenure:
    return Tenure(
        office=row["office"],
        country=row["country"],
        person=row["person"],
        spellings=(row["person"], *filter(None, row["aliases"].split("|"))),
        since=date.fromisoformat(row["from"]),
        until=date.fromisoformat(row["to"]) if row["to"] else None,
        gender=row["gender"] or None,
    )
