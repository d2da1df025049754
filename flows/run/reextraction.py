"""Run the rules of this version over the articles of a lake; no page is fetched again.

The batches go the way of an ingest run's (:mod:`flows.run.pipeline`), with articles in the place of pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import uuid4

from flows.run.context import RunContext
from flows.run.pipeline import run_batches, thread_steps
from flows.run.summary import IngestSummary
from flows.run.version import extractor_version
from flows.run.worker import STAGES, Stages
from schemas.articles import Article, Page
from schemas.settings import IngestSettings
from schemas.stream import InputItem
from seeds import SEEDS
from tasks.duplicates import StoredOriginals
from tasks.lake import ArticleSelection, Lake, stored_articles, stored_originals
from tasks.language.pack import pack_codes
from tasks.pool import WorkerPool
from tasks.read.sources.catalogue import watched_sources, with_source_hints

__all__ = ["Reextraction", "reextract_lake"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reextraction:
    """Which articles are extracted anew, and how."""

    since: date | None = None
    """Only articles published on this day or later, such as 2026-03-01."""
    source: str | None = None
    """Only articles of this source."""
    where: str = "true"
    """Only articles that meet this condition, in SQL over the columns of the table `articles`."""
    clean: bool = False
    """Clean the page of an article again, where the lake has kept it as it was received."""
    force: bool = False
    """Also articles whose rows this version made."""


def reextract_lake(
    lake: Lake,
    settings: IngestSettings,
    wanted: Reextraction,
    *,
    run_id: str | None = None,
    stages: Stages = STAGES,
) -> IngestSummary:
    """Write batches that supersede what other versions of the rules made of the wanted articles.

    An article's text is taken as it is stored; with ``clean``, made anew of its page where that is kept.

    May be stopped anywhere and run again: it goes on with the articles that are left. An article that cannot be read
    any more keeps its rows, and the reason is a reject.

    Raises:
        StopFlow: There is no lake, the condition is wrong, a file is broken, or the workers are gone.
    """
    with WorkerPool(settings.workers, memory_bytes=settings.worker_memory_bytes, preload=["flows.run.worker"]) as pool:
        run = RunContext(
            run_id=run_id or str(uuid4()),
            source=wanted.source or "lake",
            lake=lake,
            pool=pool,
            settings=replace(settings, keep_pages=False),  # those that are read are kept already
            languages=pack_codes(SEEDS),
            extractor=extractor_version(SEEDS),
            clock=lambda: datetime.now(UTC),
            stages=stages,
            stories=StoredOriginals(stored_originals(lake)),
        )
        with thread_steps() as steps:
            return run_batches(_read_articles(run, wanted), run, steps)


def _read_articles(run: RunContext, wanted: Reextraction) -> Iterator[InputItem | Article]:
    """Read the wanted articles, or the pages that they were cleaned from, with the hints of their sources."""
    selection = ArticleSelection(
        before=run.clock(),
        languages=run.languages,
        other_than=None if wanted.force else run.extractor,
        since=wanted.since,
        source=wanted.source,
        where=wanted.where,
    )
    sources = watched_sources(run.settings) if wanted.clean else ()
    for found in stored_articles(run.lake, selection, as_received=wanted.clean):
        yield with_source_hints(found, sources) if isinstance(found, Page) else found
