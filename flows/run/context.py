"""What all batches of a run share: a lake, worker processes, the versions that the rows will name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flows.run.version import extractor_version
from flows.run.worker import STAGES, Stages
from schemas.settings import IngestSettings
from seeds import SEEDS
from tasks.duplicates import Stories, StoryIndex
from tasks.lake import NO_HISTORY, Lake, LakeHistory, create_lake, index_lake, load_history, stored_stories
from tasks.language.pack import pack_codes
from tasks.pool import WorkerPool

__all__ = ["RunContext", "open_run", "prepare_run"]


class RunContext:
    """What all batches of a run share.

    This is no dataclass on purpose: Prefect walks through the dataclasses that its tasks are given, field by field,
    and the fields of this one hold the history of a whole lake.
    """

    def __init__(
        self,
        *,
        run_id: str,
        source: str,
        lake: Lake,
        pool: WorkerPool,
        settings: IngestSettings,
        languages: tuple[str, ...],
        extractor: str,
        clock: Callable[[], datetime],
        stages: Stages = STAGES,
        known: LakeHistory = NO_HISTORY,
        stories: Stories | None = None,
    ) -> None:
        """Keep what is given.

        Args:
            run_id: Names the run in its rows.
            source: What the ``source`` column says of articles from files.
            lake: Folder of the lake or ``s3://BUCKET/PREFIX``; it exists.
            pool: The worker processes.
            settings: Batches and limits.
            languages: Codes of the languages that articles may be in.
            extractor: Version of code and seeds.
            clock: Gives the time, in UTC.
            stages: What workers do with pages and articles.
            known: What the lake held before the run.
            stories: Finds the original of a copied article; by default among the articles of this run only.
        """
        self.run_id = run_id
        self.source = source
        self.lake = lake
        self.pool = pool
        self.settings = settings
        self.languages = languages
        self.extractor = extractor
        self.clock = clock
        self.stages = stages
        self.known = known
        self.stories = stories or StoryIndex()


@contextmanager
def open_run(run_id: str, source: str, lake: Lake, settings: IngestSettings) -> Iterator[RunContext]:
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


def prepare_run(run_id: str, source: str, lake: Lake, settings: IngestSettings, pool: WorkerPool) -> RunContext:
    """Open the lake for a run with workers that are there already, and that go on after the run.

    Raises:
        StopFlow: The lake is no lake, or a seed is broken.
    """
    create_lake(lake)
    now = datetime.now(UTC)
    index_lake(lake, now=now)
    return RunContext(
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
