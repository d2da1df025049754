"""A lake of the sample articles, made in one process and without Prefect."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from flows.run.worker import STAGES, ExtractedArticle
from schemas.articles import Page
from schemas.settings import CleanLimits
from seeds import SEEDS
from tasks.clean import clean_page
from tasks.lake import Batch, append_batch, create_lake
from tasks.read.files import read_files

__all__ = ["DOCS", "fill_lake", "sample_batch"]

DOCS = Path(__file__).parents[2] / "docs"
_LANGUAGES = ("vi", "en")
_READ_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""Fixed, so that the same articles always give the same rows."""


def fill_lake(lake: Path, paths: Iterable[Path] = (SEEDS / "articles",)) -> None:
    """Read articles into a new lake, by default the samples.

    Raises:
        StopFlow: The lake cannot be made.
        RejectArticle: One of the inputs cannot become an article.
    """
    create_lake(lake)
    append_batch(lake, sample_batch(paths), written_at=_READ_AT)


def sample_batch(paths: Iterable[Path] = (SEEDS / "articles",)) -> Batch:
    """Articles with all their rows, by default the samples, as one batch.

    Raises:
        RejectArticle: One of the inputs cannot become an article.
    """
    limits = CleanLimits()
    pages = (page for page in read_files(paths, now=_READ_AT, limits=limits) if isinstance(page, Page))
    articles = [_extract_page(page, limits) for page in pages]
    return Batch(
        batch_id="samples",
        run_id="docs",
        extracted_at=_READ_AT,
        articles=tuple(one.article for one in articles),
        meetings=tuple(row for one in articles for row in one.meetings),
        quotes=tuple(row for one in articles for row in one.quotes),
        topics=tuple(row for one in articles for row in one.topics),
        rejects=(),
        extractor="docs",
    )


def _extract_page(page: Page, limits: CleanLimits) -> ExtractedArticle:
    article = clean_page(page, limits=limits, languages=_LANGUAGES)
    document = STAGES.annotate(article)
    found = STAGES.meetings(document), STAGES.quotes(document), STAGES.topics(document)
    return ExtractedArticle(article, *STAGES.join(document, *found))
