"""From an article to a document: sentences of typed tokens, who is mentioned, when and where."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, pairwise, takewhile

from schemas.articles import Article
from schemas.document import DateMention, Document, Mention, Sentence, Token
from seeds import SEEDS
from tasks.language.pack import LanguagePack, load_pack
from tasks.language.sentences import read_sentences
from tasks.mentions.coreference import CoreferenceResolver
from tasks.mentions.dates import Calendar, read_dates
from tasks.mentions.features import REFERRING, MentionFeatures, read_features
from tasks.mentions.offices import load_offices
from tasks.mentions.places import find_places
from tasks.mentions.registry import EntityRegistry

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
    read = [(sentence, _find_features(sentence.tokens, article.text, pack)) for sentence in sentences]
    body = [(sentence, found) for sentence, found in read if sentence.block in _EVIDENCE]
    registry = EntityRegistry(pack, load_offices(SEEDS), published_day(article, pack))
    registry.learn_names(
        (features for _, found in body for _, features in found),
        (features for sentence, found in read if sentence.block in _MARGINS for _, features in found),
    )
    resolver = CoreferenceResolver(registry)
    mentions = tuple(chain.from_iterable(_resolve_mentions(sentence, found, resolver) for sentence, found in body))
    return Document(
        article=article,
        sentences=tuple(sentence for sentence, _ in body),
        entities=registry.entities,
        mentions=mentions,
        dates=tuple(_read_all_dates([sentence for sentence, _ in body], article, pack)),
        places=tuple(chain.from_iterable(find_places(s.tokens, article.text, pack) for s, _ in body)),
    )


def _find_features(tokens: Sequence[Token], text: str, pack: LanguagePack) -> list[tuple[int, MentionFeatures]]:
    """References of a sentence, each with the position of the sentence's token that it is or stands in."""
    return [
        (position, read_features(part, text, pack))
        for position, token in enumerate(tokens)
        for part in (token.parts if token.kind == "QUOTE" else (token,))
        if part.kind in REFERRING
    ]


def _resolve_mentions(
    sentence: Sentence, found: Sequence[tuple[int, MentionFeatures]], resolver: CoreferenceResolver
) -> Iterator[Mention]:
    """Resolve the references of a sentence in order, and remember whom it was about."""
    tokens = sentence.tokens
    subject: int | None = None
    speaker: int | None = None
    for position, features in found:
        mention = resolver.resolve(features, speaker if features.token == "ME" else subject)
        if mention is None:
            continue
        yield mention
        if tokens[position].kind == "QUOTE":
            continue
        if subject is None and (position == 0 or tokens[position - 1].kind not in _OBLIQUE):
            subject = mention.entity
        if _is_followed_by_speech(tokens, position):
            speaker = mention.entity
    resolver.note_subject(speaker, subject)


def _is_followed_by_speech(tokens: Sequence[Token], position: int) -> bool:
    """Whether a speech verb follows, with nothing but adverbs in between."""
    for token in tokens[position + 1 :]:
        if token.kind == "CUE":
            return True
        if token.kind not in ("ADV", "PAST", "DATE", "FUT", "ISSUED"):
            return False
    return False


def _read_all_dates(sentences: Sequence[Sentence], article: Article, pack: LanguagePack) -> Iterator[DateMention]:
    calendar = Calendar(published_day(article, pack), latest=article.fetched_at.astimezone(pack.timezone).date())
    for sentence in sentences:
        if sentence.kinds.isdisjoint(("DATE", "QUOTE")):
            continue
        calendar.year = None
        tokens = tuple(_flatten_tokens(sentence.tokens))
        for index, token in enumerate(tokens):
            if token.kind == "DATE":
                yield from read_dates(token, article.text, calendar, ahead=_looks_ahead(tokens, index))


def _looks_ahead(tokens: Sequence[Token], index: int) -> bool:
    """Whether the clause of a date speaks of what is to come: "sẽ gặp X vào thứ Ba"; "Vào thứ Ba, X sẽ gặp Y"."""
    behind = index + 2 if index + 1 < len(tokens) and tokens[index + 1].kind == "COMMA" else index + 1
    clause = chain(*(takewhile(_is_within_clause, part) for part in (reversed(tokens[:index]), tokens[behind:])))
    return any(token.kind == "FUT" and before.kind != "AND" for before, token in pairwise([tokens[index], *clause]))


def _is_within_clause(token: Token) -> bool:
    return token.kind not in ("COMMA", "SEMI", "STOP", "COLON", "CUE", "PAST")


def _flatten_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
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
