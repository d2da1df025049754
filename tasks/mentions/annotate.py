"""Make a document of an article: sentences of typed tokens, who is mentioned, when and where."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, pairwise, takewhile

from schemas.articles import Article
from schemas.document import DateMention, Document, Mention, Sentence, Token
from seeds import SEEDS
from tasks.language.clauses import read_clauses
from tasks.language.pack import LanguagePack, load_pack
from tasks.language.sentences import read_sentences
from tasks.mentions.coreference import CoreferenceResolver
from tasks.mentions.dates import Calendar, read_dates
from tasks.mentions.features import REFERRING, MentionFeatures, read_features
from tasks.mentions.offices import load_offices
from tasks.mentions.people import load_people
from tasks.mentions.places import find_places
from tasks.mentions.registry import EntityRegistry
from tasks.mentions.topics import Topics, find_topics

__all__ = ["annotate"]

_EVIDENCE = ("lead", "body")
_BARE_NAMES = ("FOREIGN_NAME", "NATIVE_NAME")
_MARGINS = ("title", "caption", "repeat", "subhead")
"""Blocks that may tell a full name or a city, but never prove an event."""


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
    pronouns = _list_pronouns(sentences, article.text)
    read = [(sentence, _find_features(sentence.tokens, article.text, pack, pronouns)) for sentence in sentences]
    evidence = [(_with_clauses(sentence), found) for sentence, found in read if sentence.block in _EVIDENCE]
    margins = [(sentence, found) for sentence, found in read if sentence.block in _MARGINS]
    registry = EntityRegistry(pack, load_offices(SEEDS), load_people(SEEDS), published_day(article, pack))
    registry.learn_names(
        (features for _, found in evidence for _, features in found),
        (features for _, found in margins for _, features in found),
    )
    bare = [(position, one, s) for s, found in evidence for position, one in found if one.token in _BARE_NAMES]
    registry.learn_bare_names(
        (one for _, one, _ in bare),
        (one for position, one, sentence in bare if _speaks(sentence.tokens, position)),
    )
    resolver = CoreferenceResolver(registry)
    mentions = tuple(chain.from_iterable(_resolve_mentions(*one, resolver) for one in evidence))
    kept = tuple(sentence for sentence, _ in evidence)
    return Document(
        article=article,
        sentences=kept,
        entities=registry.entities,
        mentions=mentions,
        dates=tuple(_read_all_dates(kept, article, pack)),
        places=tuple(chain.from_iterable(find_places(one.tokens, article.text, pack) for one in kept)),
    )


def _speaks(tokens: Sequence[Token], position: int) -> bool:
    """Return True if a verb of speech stands right behind a token, or between words in marks and the token."""
    kinds = [token.kind for token in tokens[max(0, position - 3) : position + 3]]
    at = min(position, 3)
    before, behind = kinds[:at], [kind for kind in kinds[at + 1 :] if kind not in ("ADV", "PAST", "DATE")]
    return behind[:1] == ["CUE"] or (before[-1:] == ["CUE"] and "QUOTE" in before)


def _with_clauses(sentence: Sentence) -> Sentence:
    return replace(sentence, clauses=read_clauses(sentence.tokens))


def _list_pronouns(sentences: Iterable[Sentence], text: str) -> Mapping[str, str]:
    """Return the pronouns that an article uses in small letters, each with the gender that it tells."""
    tokens = (token for sentence in sentences for token in sentence.tokens if token.kind == "PRON")
    return {text[token.start : token.end]: token.parts[0].value if token.parts else token.value for token in tokens}


def _find_features(
    tokens: Sequence[Token], text: str, pack: LanguagePack, pronouns: Mapping[str, str]
) -> list[tuple[int, MentionFeatures]]:
    """Return what each naming token of a sentence tells, with the position of the token that it is or stands in."""
    found: list[tuple[int, MentionFeatures]] = []
    for position, token in enumerate(tokens):
        is_quote = token.kind == "QUOTE"
        for place, part in enumerate(token.parts if is_quote else (token,)):
            opens_sentence = place == 0 and (is_quote or position == 0)
            meant = _read_as_pronoun(part, text, pronouns) if opens_sentence else part
            if meant.kind in REFERRING:
                found.append((position, read_features(meant, text, pack)))
    return found


def _read_as_pronoun(token: Token, text: str, pronouns: Mapping[str, str]) -> Token:
    """Read "Anh" at the head of a sentence as "he" where the article says "anh" of somebody, not as the country."""
    gender = pronouns.get(text[token.start : token.end].lower()) if token.kind == "COUNTRY" else None
    return token if gender is None else Token("PRON", token.start, token.end, gender)


def _resolve_mentions(
    sentence: Sentence, found: Sequence[tuple[int, MentionFeatures]], resolver: CoreferenceResolver
) -> Iterator[Mention]:
    """Resolve the mentions of a sentence in order, and remember whom it was about."""
    tokens = sentence.tokens
    topics = find_topics(sentence) if found else Topics((), ())
    subject: int | None = None
    speaker: int | None = None
    for position, features in found:
        mention = resolver.resolve(features, speaker if features.token == "ME" else subject)
        if mention is None:
            continue
        yield mention
        if tokens[position].kind == "QUOTE":
            continue
        if subject is None and position in topics.subjects:
            subject = mention.entity
        if position in topics.speakers:
            speaker = mention.entity
    resolver.note_subject(speaker, subject)


def _read_all_dates(sentences: Iterable[Sentence], article: Article, pack: LanguagePack) -> Iterator[DateMention]:
    """Read the dates of all sentences in order, because each may count from one before it."""
    latest = article.fetched_at.astimezone(pack.timezone).date()
    calendar = Calendar(published_day(article, pack), latest=latest, day_first=pack.day_first)
    for sentence in sentences:
        if sentence.kinds.isdisjoint(("DATE", "QUOTE")):
            continue
        calendar.year = None
        tokens = tuple(_flatten_tokens(sentence.tokens))
        for index, token in enumerate(tokens):
            if token.kind == "DATE":
                yield from read_dates(token, article.text, calendar, ahead=_looks_ahead(tokens, index))


def _looks_ahead(tokens: Sequence[Token], index: int) -> bool:
    """Return True if a date's clause speaks of what is to come: "sẽ gặp X vào thứ Ba"; "Vào thứ Ba, X sẽ gặp Y"."""
    is_fronted = index + 1 < len(tokens) and tokens[index + 1].kind == "COMMA"
    first_behind = index + 2 if is_fronted else index + 1
    before = takewhile(_is_within_clause, reversed(tokens[:index]))
    behind = takewhile(_is_within_clause, tokens[first_behind:])
    clause = [tokens[index], *before, *behind]
    return any(token.kind == "FUT" and neighbour.kind != "AND" for neighbour, token in pairwise(clause))


def _is_within_clause(token: Token) -> bool:
    return token.kind not in ("COMMA", "SEMI", "STOP", "COLON", "CUE", "PAST")


def _flatten_tokens(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield the tokens, with those inside quotation marks, but without a gloss on a date.

    A gloss stands in brackets: "ngày 18-11 (sáng 19-11 giờ Việt Nam)".
    """
    in_gloss = False
    before = None
    for token in tokens:
        opens_gloss = before is not None and before.kind == "DATE" and token.kind == "OPEN"
        in_gloss = (in_gloss or opens_gloss) and token.kind != "CLOSE"
        before = token
        if in_gloss:
            continue
        if token.kind == "QUOTE":
            yield from token.parts
        else:
            yield token


def published_day(article: Article, pack: LanguagePack) -> date | None:
    """Return the day of publication in the time zone of the language's press; None if not known."""
    return article.published_at.astimezone(pack.timezone).date() if article.published_at else None
