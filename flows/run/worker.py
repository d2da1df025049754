"""What a worker process does with pages and articles; every function here is called in a worker, by name.

Annotated articles are big and go from worker to worker, so they travel as bytes: packed once where they are
made, opened only where they are needed. The process in between never looks inside.
"""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar

from schemas.articles import Article, Page
from schemas.document import Document
from schemas.errors import RejectArticle, StopFlow
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.rejects import Reject
from schemas.settings import CleanLimits
from schemas.topics import Topic
from tasks.clean import clean_page
from tasks.linking import join_rows
from tasks.meetings import find_meetings
from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes
from tasks.topics import find_topics

__all__ = [
    "STAGES",
    "AnnotatedArticle",
    "ArticleFailure",
    "ExtractedArticle",
    "ExtractedRows",
    "FindRows",
    "Packed",
    "Stages",
    "extract_rows",
    "join_articles",
    "prepare_page",
]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
ExtractedRows = tuple[tuple[Meeting, ...], tuple[Quote, ...], tuple[Topic, ...]]
FindRows = Callable[[Document], tuple[Meeting, ...] | tuple[Quote, ...] | tuple[Topic, ...]]
Packed = tuple[bytes, bytes, bytes, bytes]
"""An annotated article, its meetings, its quotes, its topics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The pure functions of a run; each must be importable by name, for that is how it reaches the workers."""

    clean: Callable[..., Article] = clean_page
    annotate: Callable[[Article], Document] = annotate
    meetings: Callable[[Document], tuple[Meeting, ...]] = find_meetings
    quotes: Callable[[Document], tuple[Quote, ...]] = find_quotes
    topics: Callable[[Document], tuple[Topic, ...]] = find_topics
    join: Callable[..., ExtractedRows] = join_rows


STAGES = Stages()


@dataclass(frozen=True, slots=True)
class AnnotatedArticle:
    """An annotated article on its way between workers."""

    article_id: str
    input: str
    from_web: bool
    signature: tuple[int, ...]
    document: bytes


@dataclass(frozen=True, slots=True)
class ArticleFailure:
    """The reason why one article has no rows.

    Attributes:
        message: In words.
        code: Of a foreseen reason; None for what nobody foresaw, a bug of ours or of a library.
    """

    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ExtractedArticle:
    """An article with all its rows, ready for the lake."""

    article: Article
    meetings: tuple[Meeting, ...]
    quotes: tuple[Quote, ...]
    topics: tuple[Topic, ...]

    def copied_from(self, original: str | None) -> "ExtractedArticle":
        """Return the same with the original of the article named, or itself where there is none."""
        return replace(self, article=replace(self.article, near_duplicate_of=original)) if original else self


def prepare_page(
    page: Page | Article, source: str, limits: CleanLimits, languages: tuple[str, ...], stages: Stages
) -> AnnotatedArticle | Reject:
    """Clean and annotate a page; an article that the lake holds already is clean, and keeps its source.

    Returns:
        The annotated article, or why there is none: the code of a foreseen reason, ``clean_failed`` or
        ``extract_failed`` for an unforeseen one.
    """
    article = (
        page if isinstance(page, Article) else _attempt_article(_clean_page, stages, page, source, limits, languages)
    )
    if isinstance(article, ArticleFailure):
        return Reject(input=page.input, stage="clean", code=article.code or "clean_failed", message=article.message)
    document = _attempt_article(_annotate_packed, stages.annotate, article)
    if isinstance(document, ArticleFailure):
        code = document.code or "extract_failed"
        return Reject(input=page.input, stage="extract", code=code, message=document.message)
    return AnnotatedArticle(article.article_id, page.input, _is_from_web(page), article.signature, document)


def extract_rows(find: FindRows, documents: Sequence[bytes]) -> list[bytes | ArticleFailure]:
    """Find the rows of one kind in each document, packed; a failure in one document does not touch the others."""
    return [_attempt_article(_find_packed, find, document) for document in documents]


def join_articles(
    join_rows: Callable[..., ExtractedRows], packed: Sequence[Packed]
) -> list[ExtractedArticle | ArticleFailure]:
    """Tie the rows of each document to one another; a failure in one document does not touch the others."""
    return [_attempt_article(_join_packed, join_rows, *one) for one in packed]


def _is_from_web(page: Page | Article) -> bool:
    return isinstance(page, Page) and page.answer is not None


def _attempt_article(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result | ArticleFailure:
    try:
        return function(*arguments, **named)
    except (StopFlow, MemoryError):
        raise
    except RejectArticle as reason:
        return ArticleFailure(reason.message, reason.code)
    except Exception as error:  # noqa: BLE001  # whatever one article brings about, the rest of the batch goes on
        return ArticleFailure(f"{type(error).__name__}: {error}"[:1000])


def _clean_page(stages: Stages, page: Page, source: str, limits: CleanLimits, languages: tuple[str, ...]) -> Article:
    return replace(stages.clean(page, limits=limits, languages=languages), source=source)


def _annotate_packed(annotate: Callable[[Article], Document], article: Article) -> bytes:
    document = annotate(article)
    packed = pickle.dumps(document)
    _OPEN.keep(packed, document)
    return packed


def _find_packed(find: FindRows, document: bytes) -> bytes:
    return pickle.dumps(find(_OPEN.open(document)))


def _join_packed(join_rows: Callable[..., ExtractedRows], document: bytes, *rows: bytes) -> ExtractedArticle:
    opened = _OPEN.open(document)
    return ExtractedArticle(opened.article, *join_rows(opened, *map(pickle.loads, rows)))


class _RecentDocuments:
    """The articles that this worker met last, unpacked: unpacking one costs more than most extractors do."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._documents: dict[bytes, Document] = {}

    def keep(self, packed: bytes, document: Document) -> Document:
        self._documents[packed] = document
        if len(self._documents) > self._size:
            del self._documents[next(iter(self._documents))]
        return document

    def open(self, packed: bytes) -> Document:
        known = self._documents.get(packed)
        return known or self.keep(packed, pickle.loads(packed))  # noqa: S301  # our own worker packed it a moment ago


_OPEN = _RecentDocuments(256)  # a cache, of what cannot change
