"""A lake of the sample articles, made in one process and without Prefect."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from flows.run.worker import STAGES, Harvest
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
    harvests = [_harvest(page, limits) for page in pages]
    return Batch(
        batch_id="samples",
        run_id="docs",
        extracted_at=_READ_AT,
        articles=tuple(harvest.article for harvest in harvests),
        meetings=tuple(row for harvest in harvests for row in harvest.meetings),
        quotes=tuple(row for harvest in harvests for row in harvest.quotes),
        topics=tuple(row for harvest in harvests for row in harvest.topics),
        rejects=(),
        extractor="docs",
    )


def _harvest(page: Page, limits: CleanLimits) -> Harvest:
    article = clean_page(page, limits=limits, languages=_LANGUAGES)
    document = STAGES.annotate(article)
    found = STAGES.meetings(document), STAGES.quotes(document), STAGES.topics(document)
    return Harvest(article, *STAGES.join(document, *found))
