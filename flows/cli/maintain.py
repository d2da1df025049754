"""Looking after a lake from the command line: few large files in the place of many small ones. No Prefect here."""

import json as json_text
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from flows.cli.output.messages import count, say
from flows.cli.output.progress import show_steps
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import Maintenance, Repair, maintain_lake, repair_lake

__all__ = ["maintain", "repair"]

_MB = 1_000_000


def maintain(
    *,
    lake: str = "lake",
    target_mb: float = 32,
    grace: float = 1,
    pages_days: float = 90,
    pages_mb: float = 0,
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
    if target_mb <= 0 or min(grace, pages_days, pages_mb) < 0:
        raise StopFlow("--target-mb must be above 0; --grace, --pages-days and --pages-mb not below")
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
        sys.stdout.writelines(f"{line}\n" for line in _words(done, grace, dry_run=dry_run))
        if done.left_to_others:
            say("Another run was at it at the same time; what it took is left to it.")


def repair(*, lake: str = "lake", dry_run: bool = False, json: bool = False) -> None:
    """Move broken and foreign files to the folder `broken` of the lake, and say what was in them.

    Args:
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        dry_run: Say what would be done, and do nothing.
        json: Print JSON.
    """
    repairs = []
    for one in repair_lake(lake, now=datetime.now(UTC), dry_run=dry_run):
        repairs.append(one)
        if not json:
            sys.stdout.writelines(f"{line}\n" for line in _repair_words(one, dry_run=dry_run))
    if json:
        sys.stdout.write(json_text.dumps([asdict(one) for one in repairs], ensure_ascii=False) + "\n")
    elif not repairs:
        sys.stdout.write("Nothing to repair.\n")


def _repair_words(repair: Repair, *, dry_run: bool) -> list[str]:
    files = count(len(repair.moved), "file")
    lines = [f"{repair.file}: {repair.reason}", f"  {files} {'would go' if dry_run else 'went'} to {repair.folder}"]
    if repair.inputs:
        rest = f" and {len(repair.inputs) - 3:,} more" if len(repair.inputs) > 3 else ""
        lines.append(f"  articles of {', '.join(repair.inputs[:3])}{rest}")
    return [*lines, f"  {repair.advice}"]


def _words(done: Maintenance, grace: float, *, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    lines = []
    if done.compacted:
        lines.append(f"{done.compacted:,} batches {would}written anew as {done.made:,}")
    if done.deleted_files:
        lines.append(f"{done.deleted_files:,} files {would}deleted, {done.deleted_bytes / _MB:,.1f} MB")
    if done.waiting_batches:
        lines.append(f"{done.waiting_batches:,} replaced batches stay until they have been replaced for {grace:g} h")
    return lines or ["Nothing to do."]
