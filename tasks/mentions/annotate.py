"""From an article to a document: sentences of typed tokens, who is mentioned, when and where."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, pairwise, takewhile

from schemas.articles import Article
from schemas.document import DateMention, Document, Mention, Sentence, Token
from seeds import SEEDS
from tasks.language.pack import LanguagePack, load_pack
from tasks.language.sentences import read_sentences
from tasks.mentions.dates import Calendar, read_dates
from tasks.mentions.offices import load_offices
from tasks.mentions.places import find_places
from tasks.mentions.references import REFERRING, Reference, read_reference
from tasks.mentions.registry import Registry
from tasks.mentions.resolution import Resolver

__all__ = ["annotate"]

_EVIDENCE = ("lead", "body")
_MARGINS = ("title", "caption", "repeat", "subhead")
"""A caption may tell a full name or a city; it never proves an event."""
_OBLIQUE = frozenset(
    {
        *("WITH", "OF", "FOR", "BY", "ABOUT", "AFTER", "BEFORE", "BETWEEN", "AT", "TO", "FROM", "AS"),
        *("MEETV", "RECEIVEV", "SUMMONV"),
    }
)
"""Before a mention: it is not what the sentence is about."""


def annotate(article: Article) -> Document:
    """Read an article with the pack of its language.

    Returns:
        A document whose sentences are those of the lead and the body; captions and headlines have only helped
        to tell names apart.

    Raises:
        StopFlow: The language has no pack, or a seed file is broken.
    """
    pack = load_pack(SEEDS, article.language)
    sentences = read_sentences(article, pack)
    read = [(sentence, _references(sentence.tokens, article.text, pack)) for sentence in sentences]
    body = [(sentence, found) for sentence, found in read if sentence.block in _EVIDENCE]
    registry = Registry(pack, load_offices(SEEDS), published_day(article, pack))
    registry.learn_names(
        (ref for _, found in body for _, ref in found),
        (ref for sentence, found in read if sentence.block in _MARGINS for _, ref in found),
    )
    resolver = Resolver(registry)
    mentions = tuple(chain.from_iterable(_mentions(sentence, found, resolver) for sentence, found in body))
    return Document(
        article=article,
        sentences=tuple(sentence for sentence, _ in body),
        entities=registry.entities,
        mentions=mentions,
        dates=tuple(_dates([sentence for sentence, _ in body], article, pack)),
        places=tuple(chain.from_iterable(find_places(s.tokens, article.text, pack) for s, _ in body)),
    )


def _references(tokens: Sequence[Token], text: str, pack: LanguagePack) -> list[tuple[int, Reference]]:
    """References of a sentence, each with the position of the sentence's token that it is or stands in."""
    return [
        (position, read_reference(part, text, pack))
        for position, token in enumerate(tokens)
        for part in (token.parts if token.kind == "QUOTE" else (token,))
        if part.kind in REFERRING
    ]


def _mentions(sentence: Sentence, references: Sequence[tuple[int, Reference]], resolver: Resolver) -> Iterator[Mention]:
    """Resolve the references of a sentence in order, and remember whom it was about."""
    tokens = sentence.tokens
    subject: int | None = None
    speaker: int | None = None
    for position, ref in references:
        mention = resolver.resolve(ref, speaker if ref.token == "ME" else subject)
        if mention is None:
            continue
        yield mention
        if tokens[position].kind == "QUOTE":
            continue
        if subject is None and (position == 0 or tokens[position - 1].kind not in _OBLIQUE):
            subject = mention.entity
        if _speaks(tokens, position):
            speaker = mention.entity
    resolver.note_subject(speaker, subject)


def _speaks(tokens: Sequence[Token], position: int) -> bool:
    """Whether a speech verb follows, with nothing but adverbs in between."""
    for token in tokens[position + 1 :]:
        if token.kind == "CUE":
            return True
        if token.kind not in ("ADV", "PAST", "DATE", "FUT", "ISSUED"):
            return False
    return False


def _dates(sentences: Sequence[Sentence], article: Article, pack: LanguagePack) -> Iterator[DateMention]:
    calendar = Calendar(published_day(article, pack), latest=article.fetched_at.astimezone(pack.timezone).date())
    for sentence in sentences:
        if sentence.kinds.isdisjoint(("DATE", "QUOTE")):
            continue
        calendar.year = None
        tokens = tuple(_flat(sentence.tokens))
        for index, token in enumerate(tokens):
            if token.kind == "DATE":
                yield from read_dates(token, article.text, calendar, ahead=_lies_ahead(tokens, index))


def _lies_ahead(tokens: Sequence[Token], index: int) -> bool:
    """Whether the clause of a date speaks of what is to come: "sẽ gặp X vào thứ Ba"; "Vào thứ Ba, X sẽ gặp Y"."""
    behind = index + 2 if index + 1 < len(tokens) and tokens[index + 1].kind == "COMMA" else index + 1
    clause = chain(*(takewhile(_in_clause, part) for part in (reversed(tokens[:index]), tokens[behind:])))
    return any(token.kind == "FUT" and before.kind != "AND" for before, token in pairwise([tokens[index], *clause]))


def _in_clause(token: Token) -> bool:
    return token.kind not in ("COMMA", "SEMI", "STOP", "COLON", "CUE", "PAST")


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens, those inside marks too, but not a gloss on a date: "ngày 18-11 (sáng 19-11 giờ Việt Nam)"."""
    gloss = False
    for before, token in pairwise([None, *tokens]):
        assert token is not None
        gloss = (
            gloss or (before is not None and before.kind == "DATE" and token.kind == "OPEN")
        ) and token.kind != "CLOSE"
        if gloss:
            continue
        if token.kind == "QUOTE":
            yield from token.parts
        else:
            yield token


def published_day(article: Article, pack: LanguagePack) -> date | None:
    """The day of publication where the paper is printed; None if not known."""
    return article.published_at.astimezone(pack.timezone).date() if article.published_at else None
