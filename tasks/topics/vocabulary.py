"""The topic vocabulary: general topics, specific ones under them, and the terms that show each of them.

The data stands in ``seeds/topics/*.toml``; ``names.toml`` there says what countries and blocs are called, and which
contexts PLOVER has.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.errors import StopFlow
from tasks.seed_files import SeedTable, check_seed, read_seed_file, read_toml

__all__ = ["TopicEntry", "TopicTerm", "load_vocabulary"]

_Names = Mapping[str, tuple[str, ...]]

_NAMES_FILE = "names.toml"
_NO_TOPICS = (_NAMES_FILE, "context_cues.toml")
_PLOVER = "plover_contexts"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTerm:
    """Words that show a topic.

    Attributes:
        text: The words, NFC, in any case.
        weight: How surely the words alone show the topic, above 0 up to 1.
        lang: ISO 639-1 code of their language.
        needs: Groups of words; of each group at least one must stand in the same paragraph. May be empty.
    """

    text: str
    weight: float
    lang: str
    needs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEntry:
    """A topic of the vocabulary.

    Attributes:
        topic_id: Slug, unique in the vocabulary.
        parent: Slug of the general topic it falls under; None for a general topic.
        label: English label.
        label_vi: Vietnamese label.
        iptc: IPTC Media Topic (``medtop:20000638``), its own or its parent's; None where neither is certain.
        plover: PLOVER context, its own or its parent's; None where neither has one.
        countries: Countries that must all be named beside every term; already part of the terms' ``needs``.
        terms: What shows the topic; never empty.
        example: Vietnamese sentence that shows the topic.
        counter_example: Vietnamese sentence with similar words that does not.
    """

    topic_id: str
    parent: str | None
    label: str
    label_vi: str
    iptc: str | None
    plover: str | None
    countries: tuple[str, ...]
    terms: tuple[TopicTerm, ...]
    example: str
    counter_example: str


def load_vocabulary(root: Path) -> tuple[TopicEntry, ...]:
    """Read and check the vocabulary.

    Args:
        root: The seeds folder (``seeds.SEEDS``); the vocabulary is in its ``topics``.

    Returns:
        Entries in the order of files (by name) and of lines; ids are unique, parents are general topics.

    Raises:
        StopFlow: A file cannot be read or an entry is wrong; the message names both.
    """
    folder = root / "topics"
    names = _read_names(folder / _NAMES_FILE)
    found: dict[str, TopicEntry] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name not in _NO_TOPICS:
            for entry in _read_entries(path, names):
                if entry.topic_id in found:
                    raise StopFlow(f"{path}: {entry.topic_id}: is in the vocabulary twice; rename or drop one")
                found[entry.topic_id] = entry
    return tuple(_inherit_codes(entry, found, folder) for entry in found.values())


def _check_words(words: str) -> str:
    if not words or words != words.strip():
        raise ValueError(f"{words!r} are no words; write some, without spaces around them")
    if not unicodedata.is_normalized("NFC", words):
        raise ValueError(f"{words!r} is not NFC; normalise it")
    return words


_Words = Annotated[str, AfterValidator(_check_words)]


class _NamesFile(SeedTable):
    names: dict[str, tuple[_Words, ...]]


class _TermRow(SeedTable):
    text: _Words
    weight: Annotated[float, Field(gt=0, le=1)]
    lang: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    needs: tuple[_Words, ...] = ()


class _TopicRow(SeedTable):
    topic_id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    parent: _Words | None = None
    label: _Words
    label_vi: _Words
    iptc: Annotated[str, Field(pattern=r"^medtop:\d{8}$")] | None = None
    plover: _Words | None = None
    countries: tuple[_Words, ...] = ()
    terms: Annotated[tuple[_TermRow, ...], Field(min_length=1)]
    example: _Words
    counter_example: _Words


class _TopicFile(SeedTable):
    topic: Annotated[tuple[_TopicRow, ...], Field(min_length=1)]


def _read_names(path: Path) -> _Names:
    return check_seed({"names": read_toml(path)}, _NamesFile, where=str(path)).names


def _read_entries(path: Path, names: _Names) -> Iterator[TopicEntry]:
    for row in read_seed_file(path, _TopicFile).topic:
        try:
            yield _make_entry(row, names)
        except ValueError as error:
            raise StopFlow(f"{path}: {row.topic_id}: {error}") from error


def _make_entry(row: _TopicRow, names: _Names) -> TopicEntry:
    terms = tuple(term for term_row in row.terms for term in _make_terms(term_row, row.countries, names))
    if len(set(terms)) < len(terms):
        raise ValueError("has a term twice; drop one")
    if row.plover is not None and row.plover not in names.get(_PLOVER, ()):
        raise ValueError(f"plover {row.plover!r} is no context of PLOVER; {_NAMES_FILE} lists them")
    return TopicEntry(
        topic_id=row.topic_id,
        parent=row.parent,
        label=row.label,
        label_vi=row.label_vi,
        iptc=row.iptc,
        plover=row.plover,
        countries=row.countries,
        terms=terms,
        example=row.example,
        counter_example=row.counter_example,
    )


def _make_terms(row: _TermRow, countries: Iterable[str], names: _Names) -> Iterator[TopicTerm]:
    """Yield the term, or one for each of the words that ``"@TALKS"`` stands for."""
    groups = (*row.needs, *(f"@{country}" for country in countries))
    needs = tuple(_expand_group(group, names) for group in groups)
    for words in _expand_name(row.text, names, "text"):
        yield TopicTerm(text=words, weight=row.weight, lang=row.lang, needs=needs)


def _expand_group(group: str, names: _Names) -> tuple[str, ...]:
    """Return the words of ``"gaza|@IL"``: any one will do, and so will the marker of a country that is implied."""
    alternatives = group.split("|")
    words = [word for alternative in alternatives for word in _expand_name(alternative, names, "needs")]
    markers = (alternative for alternative in alternatives if alternative.startswith("@"))
    return (*words, *markers)


def _expand_name(word: str, names: _Names, key: str) -> tuple[str, ...]:
    """Return the word, or those that a name such as ``@RU`` stands for."""
    if not word.startswith("@"):
        return (_check_words(word),)
    if word[1:] not in names:
        raise ValueError(f"{key} {word!r} is not in {_NAMES_FILE}; add it there")
    return names[word[1:]]


def _inherit_codes(entry: TopicEntry, found: Mapping[str, TopicEntry], folder: Path) -> TopicEntry:
    """Return the entry with its parent's codes where it has none of its own."""
    if entry.parent is None:
        return entry
    parent = found.get(entry.parent)
    if parent is None or parent.parent is not None:
        raise StopFlow(f"{folder}: {entry.topic_id}: parent {entry.parent!r} is not a general topic; name one that is")
    return replace(entry, iptc=entry.iptc or parent.iptc, plover=entry.plover or parent.plover)
