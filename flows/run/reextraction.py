"""Running the rules of today over the articles of a lake; no page is fetched again. No Prefect here.

The batches go the way of an ingest run's (:mod:`flows.run.pipeline`), with articles in the place of pages.
"""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

from flows.cli.output.progress import print_summary, show_progress
from flows.run.batch import Run
from flows.run.pipeline import plain_threads, run_batches
from flows.run.summary import IngestSummary
from flows.run.version import extractor_version
from flows.run.worker import STAGES, Stages
from schemas.articles import Page
from schemas.settings import IngestSettings
from seeds import SEEDS
from tasks.duplicates import StoredOriginals
from tasks.lake import ArticleSelection, stored_articles, stored_originals
from tasks.language.pack import pack_codes
from tasks.pool import WorkerPool
from tasks.read.sources.catalogue import watched_sources, with_source_hints

__all__ = ["reextract", "reextract_lake"]


def reextract(
    *,
    lake: str = "lake",
    since: date | None = None,
    source: str | None = None,
    where: str = "true",
    clean: bool = False,
    force: bool = False,
    workers: int | None = None,
    batch_size: int = 50,
    catalogue: str = "",
    json: bool = False,
) -> None:
    """Extract the rows of stored articles anew where another version of the rules made them, and print what came of it.

    Args:
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        since: Only articles published on this day or later, such as 2026-03-01.
        source: Only articles of this source.
        where: Only articles that meet this condition, in SQL over the columns of the table `articles`.
        clean: Clean the page of an article again, where the lake has kept it as it was received.
        force: Also articles whose rows this version made.
        workers: Processes that extract; by default one per processor.
        batch_size: Articles in one batch; 50 to 200 are sensible.
        catalogue: Folder of watched sources, whose hints cleaning heeds; by default the one that comes with Parley.
        json: Print the summary as JSON.
    """
    settings = IngestSettings(workers=workers or os.cpu_count() or 1, batch_size=batch_size, catalogue=catalogue)
    with show_progress(quiet=json):
        summary = reextract_lake(lake, settings, since=since, source=source, where=where, clean=clean, force=force)
    print_summary(summary, as_json=json)


def reextract_lake(
    lake: str,
    settings: IngestSettings,
    *,
    since: date | None = None,
    source: str | None = None,
    where: str = "true",
    clean: bool = False,
    force: bool = False,
    run_id: str | None = None,
    stages: Stages = STAGES,
) -> IngestSummary:
    """Write batches that supersede what other versions of the rules made of the articles that are meant.

    An article's text is taken as it is stored; with ``clean``, made anew of its page where that is kept.

    May be stopped anywhere and run again: it goes on with the articles that are left. An article that cannot be read
    any more keeps its rows, and the reason is a reject.

    Raises:
        StopFlow: There is no lake, the condition is wrong, a file is broken, or the workers are gone.
    """
    version, languages = extractor_version(SEEDS), pack_codes(SEEDS)
    choice = ArticleSelection(
        before=datetime.now(UTC),
        languages=languages,
        other_than=None if force else version,
        since=since,
        source=source,
        where=where,
    )
    with WorkerPool(settings.workers, memory_bytes=settings.worker_memory_bytes, preload=["flows.run.worker"]) as pool:
        run = Run(
            run_id=run_id or str(uuid4()),
            source=source or "lake",
            lake=lake,
            pool=pool,
            settings=replace(settings, keep_pages=False),  # those that are read are kept already
            languages=languages,
            extractor=version,
            clock=lambda: datetime.now(UTC),
            stages=stages,
            stories=StoredOriginals(stored_originals(lake)),
        )
        articles = stored_articles(lake, choice, as_received=clean)
        sources = watched_sources(settings) if clean else ()
        with plain_threads() as submit:
            return run_batches(
                (with_source_hints(one, sources) if isinstance(one, Page) else one for one in articles), run, submit
            )
