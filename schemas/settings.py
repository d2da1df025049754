"""Settings of a run; every one has a default, the command line overrides it."""

from dataclasses import dataclass

__all__ = ["CleanLimits", "IngestSettings"]


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
    keep_pages: bool = True
    """Store pages from the web as received, so that cleaning can be run again; about 30 KB each, compressed."""
    copies_days: int = 7
    """Near-duplicates are looked for among the articles of so many days."""
    limits: CleanLimits = CleanLimits()
