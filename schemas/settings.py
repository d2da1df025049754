"""Settings of a run; every one has a default, the command line overrides it."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["CleanLimits", "IngestSettings", "MaintainSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanLimits:
    """What one page may cost before it is rejected."""

    max_file_bytes: int = 50_000_000
    """A larger file is not even read."""
    max_html_bytes: int = 2_000_000
    """Generous for an article; 5 MB of markup can take trafilatura minutes."""
    max_text_bytes: int = 5_000_000
    max_html_tags: int = 60_000
    """Counted before parsing: 500,000 ``<br>`` take half a minute and 700 MB."""
    page_timeout_seconds: float = 20.0
    """A worker that takes longer over one page is ended and replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """How an ingest run works; nothing here changes what ends up in the tables."""

    workers: int = 2
    """Processes that clean and extract."""
    batch_size: int = 50
    """Articles in one batch: one task run per stage, one file per table."""
    batch_bytes: int = 32_000_000
    """A batch of large pages is closed sooner; bounds memory together with ``batches_in_flight``."""
    batches_in_flight: int = 3
    """Batches read but not yet written; bounds memory."""
    worker_memory_bytes: int = 2_000_000_000
    """Address space that a worker may take beyond its start; a page that needs more is rejected."""
    limits: CleanLimits = CleanLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintainSettings:
    """How a lake is compacted and tidied."""

    target_bytes: int = 32_000_000
    """Least size of a file of articles, as far as there are enough of them; bounds memory, at some 15 times of it."""
    grace: timedelta = timedelta(hours=1)
    """How long superseded files stay for those who are reading them."""
    leftover: timedelta = timedelta(hours=24)
    """How long a file must lie about before it is taken for a crashed writer's; longer than any writer needs."""
