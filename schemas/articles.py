"""Pages as read, articles as cleaned, and the tables ``pages`` and ``articles``."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from schemas.blocks import BlockKind
from schemas.columns import arrow_schema
from schemas.sources import PageHints

__all__ = [
    "ARTICLES",
    "Answer",
    "Article",
    "BatchStamp",
    "Block",
    "BlockKind",
    "Header",
    "Page",
    "PublishedFrom",
    "RunStamp",
    "Sidecar",
]

PublishedFrom = Literal["feed", "meta", "text", "url"]
"""A feed or sidecar, the page's metadata, a stamp that readers see, or the day in the article's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What is known of a page from outside it: a feed entry, or a ``NAME.json`` beside the file."""

    url: str | None = None
    outlet: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """A line of an HTTP answer's head."""

    name: Annotated[str, "In lower case"]
    value: Annotated[str, "As received"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The HTTP answer that a page was the body of."""

    source: str
    """Which watched source led to it."""
    url: str
    """Where redirects led to."""
    status: int
    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Bytes as read, with what was known of them before looking inside."""

    input: str
    """The link it came from: path or URL."""
    media: Literal["html", "text"]
    body: bytes
    sidecar: Sidecar
    fetched_at: datetime
    """UTC."""
    charset: str | None = None
    """As the server names it; may be wrong."""
    answer: Answer | None = None
    """How it came over the web; None for a file."""
    hints: PageHints | None = None
    """What is known of its outlet's pages; None where the outlet is not watched."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an article's text and what it is; extractors read ``lead`` and ``body`` only."""

    kind: Annotated[BlockKind, "What the stretch is; rows come from lead and body only"]
    start: Annotated[int, "First code point in `articles.text`"]
    end: Annotated[int, "One past the last code point"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A cleaned article. Blocks are in reading order, do not overlap, and hold no line breaks."""

    article_id: Annotated[
        str, "Hash of the canonical URL (`http` and `https` are one); of the text where there is no URL"
    ]
    url: Annotated[str | None, "Canonical URL"]
    input: Annotated[str, "The link it came from: path or URL"]
    source: Annotated[str, "Which watched source or folder it was read from"]
    outlet: Annotated[str | None, "Name of the outlet, as the page or its sidecar gives it"]
    title: Annotated[str | None, "Headline"]
    authors: Annotated[tuple[str, ...], "By-line names, in order; may be empty"]
    lead: Annotated[str | None, "Standfirst (sapo), where the page marks one"]
    published_at: Annotated[datetime | None, "When it was published; midnight local time if only the day is known"]
    published_on: Annotated[date | None, "The day of `published_at` where the outlet is; use this for days and months"]
    published_from: Annotated[PublishedFrom | None, "Where `published_at` comes from; NULL where it is NULL"]
    language: Annotated[str, "ISO 639-1 code of the language pack that read it"]
    text: Annotated[str, "The text (NFC, plain spaces); every offset of every table counts its code points"]
    text_sha256: Annotated[str, "SHA-256 of `text` in UTF-8, hexadecimal"]
    blocks: Annotated[tuple[Block, ...], "Title, lead, body, captions, related links …, in reading order"]
    near_duplicate_of: Annotated[str | None, "`article_id` of the article that this one repeats: the first one stored"]
    signature: Annotated[
        tuple[int, ...], "Sketch of the story's wording, by which copies of it are found; may be empty"
    ]
    wire: Annotated[str | None, "News agency that the article credits (TTXVN, Reuters, AFP …)"]
    fetched_at: Annotated[datetime, "When the page was read, UTC"]


@dataclass(frozen=True, slots=True)
class BatchStamp:
    """Ties a row to the batch that wrote it."""

    batch_id: Annotated[str, "The batch that wrote the row; rows count only through their article's newest batch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStamp:
    """Ties an article to the run and the code that read it."""

    extracted_at: Annotated[datetime, "When its batch was extracted, UTC; the newest extraction counts"]
    written_at: Annotated[datetime, "When its batch was written, UTC; later for a compacted copy"]
    extractor: Annotated[str, "Version of code and language packs that made the rows"]
    run_id: Annotated[str, "The run that made the rows"]


ARTICLES = arrow_schema(Article, RunStamp, BatchStamp)
