"""The topic vocabulary: general topics, specific ones under them, and the terms that show each of them.

The data stands in ``seeds/topics/*.toml``; ``names.toml`` there says what countries and blocs are called, and which
contexts PLOVER has.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

from schemas.errors import StopFlow
from tasks.language.folding import fold

__all__ = ["TermHit", "TermIndex", "TopicEntry", "TopicTerm", "load_vocabulary", "match_terms"]

_Parsed = TypeVar("_Parsed")
_Table = Mapping[str, object]
_Names = Mapping[str, tuple[str, ...]]

TermHit = tuple[int, int, float]
"""First code point, one past the last, and the term's weight."""

_NAMES_FILE = "names.toml"
_NO_TOPICS = (_NAMES_FILE, "frames.toml")
_PLOVER = "plover_contexts"
_LANGUAGE = re.compile(r"[a-z]{2}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_IPTC = re.compile(r"medtop:\d{8}")
_MARKS = tuple(zip("‐‑‒–—−’‘“”", "------''\"\"", strict=True))


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
    names = dict(_read(folder / _NAMES_FILE, _named))
    found: dict[str, TopicEntry] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name not in _NO_TOPICS:
            for entry in _read(path, lambda table: _entries(table, names)):
                if entry.topic_id in found:
                    raise StopFlow(f"{path}: {entry.topic_id}: is in the vocabulary twice; rename or drop one")
                found[entry.topic_id] = entry
    return tuple(_inherit(entry, found, folder) for entry in found.values())


class TermIndex:
    """The terms of a vocabulary and the words they need in one Aho-Corasick automaton; build once, match often."""

    __slots__ = ("_automaton", "_numbers", "_uses")

    def __init__(self, entries: Iterable[TopicEntry]) -> None:
        numbers: dict[str, int] = {}
        self._uses: dict[int, list[_Use]] = defaultdict(list)
        for entry in entries:
            for term in entry.terms:
                needs = tuple(frozenset(_number(words, numbers) for words in group) for group in term.needs)
                self._uses[_number(term.text, numbers)].append(_Use(entry.topic_id, term.weight, needs))
        # Standard, not leftmost-longest: "thỏa thuận ngừng bắn" shows one topic, "ngừng bắn" in it another.
        self._numbers = numbers
        self._automaton = AhoCorasick(list(numbers), matchkind=MatchKind.Standard)

    def match(self, text: str, countries: Iterable[str] = ()) -> dict[str, list[TermHit]]:
        """The hits of each topic; see :func:`match_terms`.

        Args:
            text: Folded (:func:`tasks.language.folding.fold`); paragraphs are separated by line breaks.
            countries: Codes of countries that count as named in every paragraph ("ông Biden" stands for ``US``).
        """
        hits: dict[str, list[TermHit]] = defaultdict(list)
        implied = {self._numbers[marker] for code in countries if (marker := f"@{code.lower()}") in self._numbers}
        for offset, paragraph in _paragraphs(_plain_marks(text)):
            spans = self._spans(paragraph)
            present = {*spans, *implied}
            for number, places in spans.items():
                for use in self._uses.get(number, ()):
                    if not any(map(present.isdisjoint, use.needs)):
                        hits[use.topic_id] += [(offset + start, offset + end, use.weight) for start, end in places]
        return {topic_id: _longest(found) for topic_id, found in sorted(hits.items())}

    def _spans(self, paragraph: str) -> dict[int, list[tuple[int, int]]]:
        spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        closed = f"{paragraph}\n"  # two code points around any place in it are both alphanumeric only inside a word
        for number, start, end in self._automaton.find_matches_as_indexes(paragraph, overlapping=True):
            if not closed[start - 1 : start + 1].isalnum() and not closed[end - 1 : end + 1].isalnum():
                spans[number].append((start, end))
        return spans


def match_terms(text: str, entries: Iterable[TopicEntry] | TermIndex) -> dict[str, list[TermHit]]:
    """Which topics the words of a text show, and where.

    Args:
        text: NFC; paragraphs are separated by line breaks.
        entries: The vocabulary; a :class:`TermIndex` of it where more than one text is matched.

    Returns:
        By topic id, sorted: the terms found as ``(start, end, weight)``, in reading order, never overlapping within a
        topic (of overlapping terms the longest counts). Offsets are half-open, in code points of ``text``. A topic
        without hits is absent; a parent is not added for its child.
    """
    return (entries if isinstance(entries, TermIndex) else TermIndex(entries)).match(fold(text))


@dataclass(frozen=True, slots=True)
class _Use:
    topic_id: str
    weight: float
    needs: tuple[frozenset[int], ...]


def _number(words: str, numbers: dict[str, int]) -> int:
    return numbers.setdefault(_plain_marks(fold(words)), len(numbers))


def _plain_marks(text: str) -> str:
    for mark, plain in _MARKS:  # a hundred times faster than str.translate on text that is not ASCII
        text = text.replace(mark, plain)
    return text


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for paragraph in text.split("\n"):
        yield offset, paragraph
        offset += len(paragraph) + 1


def _longest(hits: Iterable[TermHit]) -> list[TermHit]:
    kept: list[TermHit] = []
    for start, end, weight in sorted(hits, key=lambda hit: (hit[0] - hit[1], -hit[2], hit[0])):
        if all(end <= other_start or other_end <= start for other_start, other_end, _ in kept):
            kept.append((start, end, weight))
    return sorted(kept)


def _inherit(entry: TopicEntry, found: Mapping[str, TopicEntry], folder: Path) -> TopicEntry:
    if entry.parent is None:
        return entry
    parent = found.get(entry.parent)
    if parent is None or parent.parent is not None:
        raise StopFlow(f"{folder}: {entry.topic_id}: parent {entry.parent!r} is not a general topic; name one that is")
    return replace(entry, iptc=entry.iptc or parent.iptc, plover=entry.plover or parent.plover)


def _read(path: Path, parse: Callable[[_Table], Iterator[_Parsed]]) -> list[_Parsed]:
    try:
        return list(parse(tomllib.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError) as error:  # TOML and UTF-8 errors are ValueErrors too
        raise StopFlow(f"{path}: {error}") from error


def _named(table: _Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    return ((key, _strings(table, key)) for key in table)


def _entries(table: _Table, names: _Names) -> Iterator[TopicEntry]:
    for number, topic in enumerate(_tables(table, "topic"), 1):
        try:
            yield _entry(topic, names)
        except ValueError as error:
            raise ValueError(f"{topic.get('topic_id', f'topic number {number}')}: {error}") from error


def _entry(table: _Table, names: _Names) -> TopicEntry:
    _check_keys(table, {field.name for field in fields(TopicEntry)})
    countries = _strings(table, "countries")
    terms = tuple(term for row in _tables(table, "terms") for term in _terms(row, countries, names))
    if len(set(terms)) < len(terms):
        raise ValueError("has a term twice")
    return TopicEntry(
        topic_id=_matching(_SLUG, _string(table, "topic_id")),
        parent=_string(table, "parent") if "parent" in table else None,
        label=_string(table, "label"),
        label_vi=_string(table, "label_vi"),
        iptc=_matching(_IPTC, _string(table, "iptc")) if "iptc" in table else None,
        plover=_context(_string(table, "plover"), names) if "plover" in table else None,
        countries=countries,
        terms=terms,
        example=_string(table, "example"),
        counter_example=_string(table, "counter_example"),
    )


def _terms(table: _Table, countries: Iterable[str], names: _Names) -> Iterator[TopicTerm]:
    """The term, or one for each of the words that ``"@TALKS"`` stands for."""
    _check_keys(table, {field.name for field in fields(TopicTerm)})
    text, weight = _string(table, "text"), table.get("weight")
    if not isinstance(weight, float) or not 0 < weight <= 1:
        raise ValueError(f"term {text!r} has weight {weight!r}; write a decimal above 0.0, up to 1.0")
    groups = (*_strings(table, "needs"), *(f"@{country}" for country in countries))
    lang, needs = _matching(_LANGUAGE, _string(table, "lang")), tuple(_group(group, names) for group in groups)
    for words in _words(text, names, "text"):
        yield TopicTerm(text=words, weight=weight, lang=lang, needs=needs)


def _group(group: str, names: _Names) -> tuple[str, ...]:
    """The words of ``"gaza|@IL"``: any one of them will do, and so will the marker of a country that is implied."""
    alternatives = group.split("|")
    words = [word for alternative in alternatives for word in _words(alternative, names, "needs")]
    return (*words, *(alternative for alternative in alternatives if alternative.startswith("@")))


def _words(word: str, names: _Names, key: str) -> tuple[str, ...]:
    if not word.startswith("@"):
        return (_plain(word, key),)
    if word[1:] not in names:
        raise ValueError(f"{key} {word!r}, which {_NAMES_FILE} does not name")
    return names[word[1:]]


def _context(name: str, names: _Names) -> str:
    if name not in names.get(_PLOVER, ()):
        raise ValueError(f"plover {name!r} is no context of PLOVER; {_NAMES_FILE} lists them")
    return name


def _check_keys(table: _Table, known: set[str]) -> None:
    if unknown := sorted(set(table) - known):
        raise ValueError(f"has unknown keys {unknown}; known are {sorted(known)}")


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} does not look like {pattern.pattern}")
    return text


def _tables(table: _Table, key: str) -> list[_Table]:
    tables = table.get(key)
    if not isinstance(tables, list) or not tables or not all(isinstance(item, dict) for item in tables):
        raise ValueError(f"{key} must be a list of tables, not empty")
    return tables


def _strings(table: _Table, key: str) -> tuple[str, ...]:
    words = table.get(key, [])
    if not isinstance(words, list):
        raise ValueError(f"{key} must be a list")  # noqa: TRY004
    return tuple(_plain(word, key) for word in words)


def _string(table: _Table, key: str) -> str:
    return _plain(table.get(key), key)


def _plain(value: object, key: str) -> str:
    if not isinstance(value, str) or not value or value != value.strip():
        raise ValueError(f"{key} is {value!r}; wanted are words without spaces around them")
    if not unicodedata.is_normalized("NFC", value):
        raise ValueError(f"{key} is {value!r}, which is not NFC; normalise it")
    return value
