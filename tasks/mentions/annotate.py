"""From an article to a document: sentences of typed tokens, who is mentioned, when and where."""

from collections.abc import Iterator, Sequence
from itertools import chain

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

__all__ = ["annotate"]

_EVIDENCE = ("lead", "body")
_MARGINS = ("title", "caption", "repeat", "subhead")
"""A caption may tell a full name or a city; it never proves an event."""
_OBLIQUE = frozenset({"WITH", "OF", "FOR", "BY", "ABOUT", "AFTER", "BEFORE", "BETWEEN", "AT", "TO", "FROM", "AS"})


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
    registry = Registry(pack, load_offices(SEEDS), published_day(article, pack))
    body = tuple(s for s in sentences if s.block in _EVIDENCE)
    margins = (s for s in sentences if s.block in _MARGINS)
    registry.learn_names(
        *([ref for s in part for ref in _references(s.tokens, article.text, pack)] for part in (body, margins))
    )
    mentions = tuple(chain.from_iterable(_mentions(s, article.text, pack, registry) for s in body))
    return Document(
        article=article,
        sentences=body,
        entities=registry.entities,
        mentions=mentions,
        dates=tuple(_dates(sentences, article, pack)),
        places=tuple(chain.from_iterable(find_places(s.tokens, article.text, pack) for s in sentences)),
    )


def _references(tokens: Sequence[Token], text: str, pack: LanguagePack) -> Iterator[Reference]:
    for token in tokens:
        if token.kind == "QUOTE":
            yield from _references(token.parts, text, pack)
        elif token.kind in REFERRING and (ref := read_reference(token, text, pack)):
            yield ref


def _mentions(sentence: Sentence, text: str, pack: LanguagePack, registry: Registry) -> list[Mention]:
    """Resolve the references of a sentence in order, and remember whom it was about."""
    found: list[Mention] = []
    subject: int | None = None
    speaker: int | None = None
    before = ""
    for position, token in enumerate(sentence.tokens):
        inner = token.parts if token.kind == "QUOTE" else (token,)
        for ref in _references(inner, text, pack):
            mention = registry.resolve(ref, subject)
            if mention is None:
                continue
            found.append(mention)
            if token.kind == "QUOTE":
                continue
            if subject is None and before not in _OBLIQUE:
                subject = mention.entity
            if _speaks(sentence.tokens, position):
                speaker = mention.entity
        before = token.kind
    registry.note_subject(speaker if speaker is not None else subject)
    return found


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
        calendar.year = None
        if sentence.block in _EVIDENCE:
            for token in _flat(sentence.tokens):
                if token.kind == "DATE":
                    yield from read_dates(token, article.text, calendar)


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.kind == "QUOTE":
            yield from token.parts
        else:
            yield token


def published_day(article: Article, pack: LanguagePack):
    """The day of publication where the paper is printed; None if not known."""
    return article.published_at.astimezone(pack.timezone).date() if article.published_at else None
