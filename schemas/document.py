"""What is known of an article after annotation: typed tokens, sentences, who is mentioned where, dates, places."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple, Protocol, TypeVar

from schemas.articles import Article, BlockKind
from schemas.meetings import Certainty, DatePrecision

__all__ = [
    "Adjunct",
    "Clause",
    "ClauseKind",
    "DateMention",
    "Document",
    "Entity",
    "EntityKind",
    "Mention",
    "PlaceMention",
    "Sentence",
    "Token",
    "word_token",
]

EntityKind = Literal["person", "organization", "country", "unnamed", "group"]


class Token(NamedTuple):
    """A word, a phrase of the lexicon, or what a rule made of several tokens.

    A tuple rather than a dataclass: an article has a thousand of them, and a frozen dataclass takes three times as long
    to make.

    Attributes:
        kind: Class name (``TITLE``, ``COUNTRY``, ``CUE``, ``PERSON`` …); rules are patterns over these.
        start: First code point in ``articles.text``.
        end: One past the last code point.
        value: What the lexicon knows of the phrase, in one string (an office, a country code, an offset in days).
        parts: The tokens that a rule put together; empty for words.
        groups: Named groups of the rule, as half-open ranges into ``parts``.
        rule: Name of the rule; empty for words.
    """

    kind: str
    start: int
    end: int
    value: str = ""
    parts: tuple["Token", ...] = ()
    groups: tuple[tuple[str, int, int], ...] = ()
    rule: str = ""

    def group(self, name: str) -> tuple["Token", ...]:
        """The tokens of a named group of the rule that made this token; empty where it took no part."""
        for key, first, last in self.groups:
            if key == name:
                return self.parts[first:last]
        return ()


def word_token(kind: str, start: int, end: int, value: str = "") -> Token:
    """A token with no parts; three times as fast as ``Token(…)``, which has to look at its defaults."""
    return tuple.__new__(Token, (kind, start, end, value, (), (), ""))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of one block; quoted stretches are single ``QUOTE`` tokens whose parts are the words inside."""

    start: int
    end: int
    block: BlockKind
    paragraph: int
    """Counts blocks from 0, so that equal numbers mean the same paragraph."""
    tokens: tuple[Token, ...]
    clauses: tuple["Clause", ...] = field(default=(), repr=False)
    """Clauses, once the sentence is annotated; empty where no verb is known."""
    kinds: frozenset[str] = field(init=False, repr=False, compare=False)
    """Classes of the tokens; tells most sentences that hold nothing without looking at each of them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", frozenset([token.kind for token in self.tokens]))


ClauseKind = Literal[
    "main", "coordinate", "quoted", "reported", "relative", "temporal", "conditional", "purpose", "fronted"
]


@dataclass(frozen=True, slots=True)
class Adjunct:
    """A phrase that belongs to a verb: when, where, with whom, after what. Token indices, half-open."""

    kind: str
    """``time``, ``source``, ``addressee``, or the class of its preposition in lower case (``with``, ``at`` …)."""
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of a sentence. Ranges are half-open token indices; None where the words do not tell.

    Attributes:
        kind: How the clause is tied to the sentence.
        parent: Index of the clause that it belongs to, in the list of the sentence's clauses.
        subject: The noun phrase that the clause is about.
        shares_subject: The subject stands in another clause ("X tới Vienna và | hội đàm với Y").
        verb: Token of the main verb.
        agent: Who does it, where the subject is acted upon ("X được | Y | tiếp").
        complement: What is said, behind a verb of speech.
        modality: Classes of the auxiliaries before the verb (``FUT``, ``NEG``, ``MAY`` …).
        adjuncts: Phrases of the clause, in reading order.
    """

    kind: ClauseKind
    start: int
    end: int
    parent: int | None
    subject: tuple[int, int] | None
    shares_subject: bool
    verb: int | None
    agent: tuple[int, int] | None
    complement: tuple[int, int] | None
    modality: frozenset[str]
    adjuncts: tuple[Adjunct, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Someone or something that can meet and speak.

    Attributes:
        name: Fullest name in the article; for a nameless official the words that describe him; None for a bare role.
        person_id: Joins the same person across articles; None without a full or known name.
        role: Office as printed.
        office: Office as a slug of ``seeds/offices.csv``, where the role is one.
        organization: Body as printed.
        country: ISO 3166-1 alpha-2.
        gender: ``m``, ``f`` or None.
        members: Indices of the entities that a group is made of.
    """

    kind: EntityKind
    name: str | None = None
    person_id: str | None = None
    role: str | None = None
    office: str | None = None
    organization: str | None = None
    country: str | None = None
    gender: str | None = None
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that stand for an entity. ``certainty`` says how the entity was found."""

    start: int
    end: int
    entity: int
    """Index into ``Document.entities``."""
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class DateMention:
    """Words that date something. ``first`` and ``last`` are None where the text supports no date."""

    start: int
    end: int
    first: date | None
    last: date | None
    precision: DatePrecision | None
    contradicted: bool = False
    """The words name a weekday that the day was not."""


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """Words that name a place; a venue may fix the country without the city."""

    start: int
    end: int
    city: str | None
    country: str | None
    venue: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """An annotated article. Sentences and mentions are in reading order; mentions do not overlap."""

    article: Article
    sentences: tuple[Sentence, ...]
    entities: tuple[Entity, ...] = ()
    mentions: tuple[Mention, ...] = ()
    dates: tuple[DateMention, ...] = ()
    places: tuple[PlaceMention, ...] = ()
    _mention_at: dict[int, Mention] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._mention_at.update((mention.start, mention) for mention in self.mentions)

    def text(self, start: int, end: int) -> str:
        """The words between two code points of the article's text."""
        return self.article.text[start:end]

    def sentence_at(self, position: int) -> Sentence | None:
        """The sentence that a code point of the text lies in; None between sentences and where nothing was read."""
        index = bisect_right(self.sentences, position, key=_start) - 1
        return self.sentences[index] if index >= 0 and position < self.sentences[index].end else None

    def mentions_within(self, start: int, end: int) -> Sequence[Mention]:
        """Mentions that begin in a stretch of the text, in reading order."""
        return _within(self.mentions, start, end)

    def dates_within(self, start: int, end: int) -> Sequence[DateMention]:
        """Dates that begin in a stretch of the text, in reading order."""
        return _within(self.dates, start, end)

    def places_within(self, start: int, end: int) -> Sequence[PlaceMention]:
        """Places that begin in a stretch of the text, in reading order."""
        return _within(self.places, start, end)

    def mention(self, token: Token) -> Mention | None:
        """The mention that a token is, if it is one."""
        return self.mention_at(token.start)

    def mention_at(self, position: int) -> Mention | None:
        """The mention that begins at a code point of the text, if one does."""
        return self._mention_at.get(position)

    def entity(self, token: Token) -> Entity | None:
        """The entity that a token stands for, if it is known."""
        mention = self.mention(token)
        return self.entities[mention.entity] if mention else None


class _Starts(Protocol):
    @property
    def start(self) -> int: ...


_Placed = TypeVar("_Placed", bound=_Starts)


def _start(placed: _Starts) -> int:
    return placed.start


def _within(items: Sequence[_Placed], start: int, end: int) -> Sequence[_Placed]:
    """Of items sorted by their start, those that begin in the stretch; logarithmic, for articles of a megabyte."""
    return items[bisect_left(items, start, key=_start) : bisect_left(items, end, key=_start)]
