"""People by any of their names: which identifier a spelling has, and whom somebody means who types a name.

The names come from ``seeds/offices.csv`` and ``seeds/people/aliases.csv``. Nothing here imports a language pack, so
that a command which only looks a person up starts fast.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.errors import StopFlow
from tasks.mentions.offices import load_offices
from tasks.mentions.spelling import is_near_spelling, person_slug

__all__ = ["PeopleMatch", "PeopleTable", "is_full_name", "load_people", "match_people", "name_matches"]

_COLUMNS = ("person", "alias", "source", "note")
_LETTERS = re.compile(r"[^\W_]+")
_NUMERAL = re.compile(r"[IVX]+")
_MOST_SUGGESTIONS = 3
_Words = tuple[str, ...]
_Compare = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The people whom the seed tables know.

    Attributes:
        names: All spellings of each person by ``person_id``; the main name comes first.
        ids: ``person_id`` by the slug of each spelling.
    """

    names: Mapping[str, tuple[str, ...]]
    ids: Mapping[str, str]

    def find_id(self, name: str) -> str | None:
        """Return the ``person_id`` of the person with that full name in any spelling; None for a stranger."""
        return self.ids.get(person_slug(name))

    def identify(self, name: str) -> str | None:
        """Return the ``person_id`` of a name as printed: that of a known person, or one made of a full name.

        A surname or a given name alone may be many people, and gives none.
        """
        return self.find_id(name) or (person_slug(name) if is_full_name(name) else None)


@dataclass(frozen=True, slots=True)
class PeopleMatch:
    """Whom a typed name can mean.

    Attributes:
        person_ids: Identifiers of the people who match and have rows, sorted; empty if nobody matches.
        absent: Main names of people whom only the tables know under the typed name, sorted; given only if nobody who
            has rows matches.
        suggestions: Names that are spelled nearly like the typed one, nearest first; given only if nobody matches.
    """

    person_ids: tuple[str, ...]
    absent: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


@cache
def load_people(seeds: Path) -> PeopleTable:
    """Read the people of the seed tables; once per process.

    Raises:
        StopFlow: A table cannot be read, a row lacks a name, or two people claim one spelling.
    """
    spellings: dict[str, list[str]] = {}
    ids: dict[str, str] = {}
    for tenures in load_offices(seeds).by_office.values():
        for tenure in tenures:
            known = spellings.setdefault(person_slug(tenure.person), [])
            known += [spelling for spelling in tenure.spellings if spelling not in known]
    for person_id, names in spellings.items():
        ids.update((person_slug(name), person_id) for name in names)
    family_names = _read_family_names(seeds / "people" / "family_names.csv")
    for row, where in _read_aliases(seeds / "people" / "aliases.csv"):
        _add_alias(row, where, spellings, ids, family_names)
    return PeopleTable({person_id: tuple(names) for person_id, names in spellings.items()}, ids)


def match_people(typed: str, present: Iterable[tuple[str, str]], table: PeopleTable) -> PeopleMatch:
    """Find whom a person means who typed a name, or the beginnings of its words.

    Case, accents and the order of words do not matter: "lavrov ser", "Xi Jinping" and "to lam" find Sergei Lavrov,
    Tập Cận Bình and Tô Lâm. An identifier finds exactly its person. People one of whose names holds the typed words
    whole are preferred to those whose words only begin so.

    Args:
        typed: What was typed.
        present: ``person_id`` and printed name of people who have rows; a person may come under several names.
        table: The people of the seed tables, whose other spellings count as well.
    """
    printed: defaultdict[str, set[str]] = defaultdict(set)
    for person_id, name in present:
        printed[person_id].add(name)
    if typed in printed:
        return PeopleMatch((typed,))
    here = {one: _split_spellings({*names, *table.names.get(one, ())}) for one, names in printed.items()}
    elsewhere = {one: _split_spellings(names) for one, names in table.names.items() if one not in printed}
    wanted = _search_words(typed)
    found = _find_matching(wanted, here)
    absent = [] if found else _find_matching(wanted, elsewhere)
    if found or absent:
        return PeopleMatch(tuple(found), tuple(sorted(table.names[one][0] for one in absent)))
    near = _find_near(wanted, here)
    return PeopleMatch((), (), tuple(min(printed[one]) for one in near[:_MOST_SUGGESTIONS]))


def name_matches(typed: str, name: str) -> bool:
    """Return True if each typed word begins a word of its own in the name, whatever case, accents and order."""
    return _holds_words(_search_words(typed), _search_words(name), str.startswith)


def is_full_name(name: str) -> bool:
    """Return True if a name tells one person: two words at least, no digits, and no acronym of a body among them."""
    words = name.split()
    if len(words) < 2 or any(char.isdigit() for char in name):
        return False
    return not any(_is_acronym(word) for word in words)


def _is_acronym(word: str) -> bool:
    """Return True for "NVT" and "UAW"; not for initials and for the number of a king or pope."""
    return len(word) > 1 and word.isalpha() and word.isupper() and not _NUMERAL.fullmatch(word)


def _find_matching(wanted: _Words, people: Mapping[str, Collection[_Words]]) -> list[str]:
    """Return identifiers, sorted: of people who have the wanted words whole, or else of those whose words begin so."""
    for begins in (str.__eq__, str.startswith):
        found = sorted(
            person_id
            for person_id, spellings in people.items()
            if any(_holds_words(wanted, words, begins) for words in spellings)
        )
        if found:
            return found
    return []


def _holds_words(wanted: _Words, words: _Words, begins: _Compare) -> bool:
    """Return True if each wanted word has a word of its own that compares with it; no wanted words hold nothing."""
    left = list(words)
    for one in sorted(wanted, key=len, reverse=True):
        hit = next((word for word in left if word == one), None) or next((w for w in left if begins(w, one)), None)
        if hit is None:
            return False
        left.remove(hit)
    return bool(wanted)


def _find_near(wanted: _Words, people: Mapping[str, Collection[_Words]]) -> list[str]:
    """Return the people who have words spelled nearly like the wanted ones; those with most such words come first."""
    scored = []
    for person_id, spellings in people.items():
        words = {word for spelling in spellings for word in spelling}
        hits = sum(any(is_near_spelling(one, word) for word in words) for one in wanted)
        if hits:
            scored.append((-hits, person_id))
    return [person_id for _, person_id in sorted(scored)]


def _split_spellings(names: Iterable[str]) -> Collection[_Words]:
    return {_search_words(name) for name in names}


def _search_words(text: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and without accents; letters of other scripts stay."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return tuple(_LETTERS.findall(plain.casefold()))


def _read_family_names(file: Path) -> Collection[str]:
    """Read family names, as words to search; they are syllables that many people share."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return {word for row in csv.DictReader(lines) for word in _search_words(row["name"])}
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise StopFlow(f"{file} cannot be read ({error!r}): restore the file") from error


def _read_aliases(file: Path) -> Iterator[tuple[Mapping[str, str], str]]:
    """Read the rows of the table of aliases, each with the file and line to name in an error."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise StopFlow(f"{file}: the first line must be {','.join(_COLUMNS)}")
            for row in reader:
                yield row, f"{file}:{reader.line_num}"
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StopFlow(f"{file} cannot be read ({error}): restore the file, or correct that line") from error


def _add_alias(
    row: Mapping[str, str],
    where: str,
    spellings: dict[str, list[str]],
    ids: dict[str, str],
    family_names: Collection[str],
) -> None:
    """Add one row of the table of aliases, after checking its names and that nobody else has them.

    Raises:
        StopFlow: A cell is missing or not written as names are, or another person has one of the two names.
    """
    person, alias = _check_names(row, where, family_names)
    person_id = person_slug(person)
    if ids.setdefault(person_id, person_id) != person_id:
        main = spellings[ids[person_id]][0]
        raise StopFlow(f"{where}: {person!r} is another spelling of {main!r}: write {main!r} in column person")
    owner = ids.setdefault(person_slug(alias), person_id)
    if owner != person_id:
        raise StopFlow(f"{where}: {alias!r} is already a name of {spellings[owner][0]!r}: remove one of the two rows")
    known = spellings.setdefault(person_id, [person])
    if alias not in known:
        known.append(alias)


def _check_names(row: Mapping[str, str], where: str, family_names: Collection[str]) -> Sequence[str]:
    """Return the cells ``person`` and ``alias`` of a row.

    Raises:
        StopFlow: A cell is missing, or a name is not written as names are.
    """
    if None in row or None in row.values():
        raise StopFlow(f"{where}: write {len(_COLUMNS)} cells ({', '.join(_COLUMNS)}), the last ones may be empty")
    for column in ("person", "alias"):
        name = row[column]
        if not person_slug(name) or name != unicodedata.normalize("NFC", " ".join(name.split())):
            raise StopFlow(
                f"{where}: {name!r} is no name: write Latin letters in NFC, with one space between words, "
                f"in column {column}"
            )
    shared = {*_search_words(row["person"]), *family_names}
    if " " not in row["alias"] and shared.issuperset(_search_words(row["alias"])):
        raise StopFlow(
            f"{where}: {row['alias']!r} alone can be many people: remove the row (a search finds parts of names anyway)"
        )
    if not row["source"]:
        raise StopFlow(f"{where}: column source is empty: say where a reader can look the spelling up")
    return row["person"], row["alias"]
