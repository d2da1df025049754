"""What a run needs before its first batch: a lake, worker processes, the versions that its rows will name."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flows.run.batch import Run
from flows.run.version import extractor_version
from schemas.settings import IngestSettings
from seeds import SEEDS
from tasks.duplicates import StoryIndex
from tasks.lake import create_lake, index_lake, load_history, stored_stories
from tasks.language.pack import pack_codes
from tasks.pool import WorkerPool

__all__ = ["open_run", "prepare_run"]


@contextmanager
def open_run(run_id: str, source: str, lake: str, settings: IngestSettings) -> Iterator[Run]:
    """Open the lake, making it where there is none, and start the workers; they end with the block.

    Args:
        run_id: Names the run in its rows.
        source: What the ``source`` column of the articles says.
        lake: Folder of the lake or ``s3://BUCKET/PREFIX``.
        settings: Workers, batches, limits.

    Raises:
        StopFlow: The lake is no lake, a seed is broken, or no worker could be started.
    """
    with WorkerPool(settings.workers, memory_bytes=settings.worker_memory_bytes, preload=["flows.run.worker"]) as pool:
        yield prepare_run(run_id, source, lake, settings, pool)


def prepare_run(run_id: str, source: str, lake: str, settings: IngestSettings, pool: WorkerPool) -> Run:
    """The same with workers that are there already, and go on after the run.

    Raises:
        StopFlow: The lake is no lake, or a seed is broken.
    """
    create_lake(lake)
    now = datetime.now(UTC)
    index_lake(lake, now=now)
    return Run(
        run_id=run_id,
        source=source,
        lake=lake,
        pool=pool,
        settings=settings,
        languages=pack_codes(SEEDS),
        extractor=extractor_version(SEEDS),
        clock=lambda: datetime.now(UTC),
        known=load_history(lake, now),
        stories=StoryIndex(stored_stories(lake, now - timedelta(days=settings.copies_days))),
    )
