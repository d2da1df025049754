"""Countries, cities, venues and regions of ``seeds/places``, under the names that the press of a language prints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tasks.language.folding import fold
from tasks.language.lexicon import Phrase
from tasks.seed_files import read_csv

__all__ = ["PlaceNames", "load_places"]

_Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """The gazetteer by folded spelling: codes of countries, (name, country) of cities, (city, country) of venues."""

    countries: Mapping[str, str]
    cities: Mapping[str, tuple[str, str]]
    venues: Mapping[str, tuple[str | None, str]]
    country_names: Mapping[str, str]
    """What the press of the language calls a country, by code."""
    bodies: Mapping[str, str]
    """Folded name of a building → the body that speaks through it ("Lầu Năm Góc" → "Bộ Quốc phòng Mỹ")."""
    phrases: tuple[Phrase, ...]


@cache
def load_places(seeds: Path, name_columns: tuple[str, ...], body_column: str | None) -> PlaceNames:
    """Read the gazetteer of ``seeds/places``; once per process and language.

    Args:
        seeds: The seeds folder.
        name_columns: Columns of countries and regions with names that count; the first is what rows say.
        body_column: Column of ``venues.csv`` that says in the language which body speaks through a building, if any.

    Raises:
        StopFlow: A table is missing, or lacks a column.
    """
    folder = seeds / "places"
    draft = _Draft(name_columns, body_column)
    venue_columns = ["name", "aliases", "city", "country", *([body_column] if body_column else [])]
    for row in read_csv(folder / "countries.csv", ["code", "aliases", "ambiguous", *name_columns]):
        draft.add_country(row)
    for row in read_csv(folder / "cities.csv", ["name", "aliases", "country", "metonym"]):
        draft.add_city(row)
    for row in read_csv(folder / "venues.csv", venue_columns):
        draft.add_venue(row)
    for row in read_csv(folder / "regions.csv", ["aliases", "country", *name_columns]):
        draft.add_region(row)
    return draft.finish()


@dataclass(slots=True)
class _Draft:
    """The gazetteer while it is read."""

    name_columns: tuple[str, ...]
    body_column: str | None
    countries: dict[str, str] = field(default_factory=dict)
    cities: dict[str, tuple[str, str]] = field(default_factory=dict)
    venues: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    country_names: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    phrases: list[Phrase] = field(default_factory=list)

    def add_country(self, row: _Row) -> None:
        self.country_names[row["code"]] = row[self.name_columns[0]]
        ambiguous = set(_split_cell(row["ambiguous"]))
        for form in _list_names(row, self.name_columns):
            token_class = "COUNTRY_AMB" if form in ambiguous else "COUNTRY"
            self.countries.setdefault(fold(form), row["code"])
            self.phrases.append(Phrase(form, token_class, row["code"], case="capital"))

    def add_city(self, row: _Row) -> None:
        token_class = "CAPITAL" if row["metonym"] == "true" else "CITY"
        for form in _list_names(row, ("name",)):
            self.cities.setdefault(fold(form), (row["name"], row["country"]))
            self.phrases.append(Phrase(form, token_class, row["country"], case="capital"))

    def add_venue(self, row: _Row) -> None:
        for form in _list_names(row, ("name",)):
            self.venues.setdefault(fold(form), (row["city"] or None, row["country"]))
            self.phrases.append(Phrase(form, "VENUE", row["country"]))
            if self.body_column and row[self.body_column]:
                self.bodies[fold(form)] = row[self.body_column]

    def add_region(self, row: _Row) -> None:
        self.phrases += [Phrase(form, "REGION", row["country"]) for form in _list_names(row, self.name_columns)]

    def finish(self) -> PlaceNames:
        return PlaceNames(
            countries=self.countries,
            cities=self.cities,
            venues=self.venues,
            country_names=self.country_names,
            bodies=self.bodies,
            phrases=tuple(self.phrases),
        )


def _list_names(row: _Row, columns: tuple[str, ...]) -> Iterator[str]:
    """Yield the names and the aliases of a place, each once."""
    yield from dict.fromkeys([*(row[column] for column in columns), *_split_cell(row["aliases"])])


def _split_cell(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]
