"""``parley maintain``: put many small files of a lake together into few large ones. No Prefect here."""

import json as json_text
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from flows.cli.numbers import Megabytes, Span
from flows.cli.output.messages import count, say
from flows.cli.output.progress import show_steps
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import Maintenance, maintain_lake

__all__ = ["maintain"]

_MB = 1_000_000


def maintain(
    *,
    lake: str = "lake",
    target_mb: Megabytes = 32,
    grace: Span = 1,
    pages_days: Span = 90,
    pages_mb: Megabytes = 0,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Put the files of a lake together, and delete what newer ones have replaced.

    Args:
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        target_mb: Least size of a file of articles, as far as there are enough of them.
        grace: Hours for which replaced files stay, for those who are reading them.
        pages_days: Days for which pages are kept as they were received, to clean them again; 0 keeps them for ever.
        pages_mb: Most that they may take together, the oldest go first; 0 sets no bound.
        dry_run: Say what would be done, and do nothing.
        json: Print the counts as JSON.
    """
    if target_mb <= 0:
        raise StopFlow("--target-mb must be above 0")
    settings = MaintainSettings(
        target_bytes=round(target_mb * _MB),
        grace=timedelta(hours=grace),
        pages_age=timedelta(days=pages_days) if pages_days else None,
        pages_bytes=round(pages_mb * _MB) or None,
    )
    with show_steps("batches made", quiet=json) as tell:
        done = maintain_lake(lake, settings, clock=lambda: datetime.now(UTC), tell=tell, dry_run=dry_run)
    if json:
        sys.stdout.write(json_text.dumps(asdict(done)) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _describe_maintenance(done, grace, dry_run=dry_run))
        if done.left_to_others:
            say("Another `parley maintain` runs at the same time; the batches that it has taken are left to it.")


def _describe_maintenance(done: Maintenance, grace: float, *, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    lines = []
    if done.compacted:
        lines.append(f"{count(done.compacted, 'batch')} {would}written anew as {done.made:,}")
    if done.deleted_files:
        lines.append(f"{count(done.deleted_files, 'file')} {would}deleted, {done.deleted_bytes / _MB:,.1f} MB")
    if done.waiting_batches:
        lines.append(f"{count(done.waiting_batches, 'replaced batch')} kept until {grace:g} h after the replacement")
    return lines or ["Nothing to do."]
