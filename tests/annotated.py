"""Articles of a few sentences, annotated; for tests of what is read from them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from samples import ARTICLE
from schemas.articles import Article, Block, BlockKind
from schemas.document import Document, Entity, Token
from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.language.sentences import read_sentences
from tasks.mentions.annotate import annotate

HANOI = timezone(timedelta(hours=7))
READ_ON = datetime(2030, 1, 1, tzinfo=UTC)


def make_article(
    *paragraphs: str, language: str = "vi", published: date | None = None, first: BlockKind = "body"
) -> Article:
    """Return an article of the paragraphs; ``first`` is the kind of block that the first one is."""
    blocks, start = [], 0
    for number, paragraph in enumerate(paragraphs):
        blocks.append(Block("body" if number else first, start, start + len(paragraph)))
        start += len(paragraph) + 1
    day = datetime(published.year, published.month, published.day, 20, tzinfo=HANOI) if published else None
    return replace(
        ARTICLE,
        language=language,
        text="\n".join(paragraphs),
        blocks=tuple(blocks),
        published_at=day,
        published_from="meta" if day else None,
        fetched_at=READ_ON,
    )


def read_document(*paragraphs: str, language: str = "vi", published: date | None = None) -> Document:
    return annotate(make_article(*paragraphs, language=language, published=published))


def read_tokens(text: str, language: str = "vi") -> tuple[Token, ...]:
    """Return the tokens of the first sentence."""
    return read_sentences(make_article(text, language=language), load_pack(SEEDS, language))[0].tokens


def entity_of(document: Document, words: str, nth: int = 0) -> Entity | None:
    """Return the entity that the words stand for where they occur for the nth time, counted from 0."""
    at = -1
    for _ in range(nth + 1):
        at = document.article.text.index(words, at + 1)
    mention = document.mention_at(at)
    return document.entities[mention.entity] if mention else None
