"""``parley repair``: move broken and foreign files out of the way. No Prefect here."""

import json as json_text
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from flows.cli.output.messages import count
from tasks.lake import Repair, repair_lake

__all__ = ["repair"]

_MOST_INPUTS = 3
"""So many articles are named; --json names all."""


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
            sys.stdout.writelines(f"{line}\n" for line in _describe_repair(one, dry_run=dry_run))
    if json:
        sys.stdout.write(json_text.dumps([asdict(one) for one in repairs], ensure_ascii=False) + "\n")
    elif not repairs:
        sys.stdout.write("Nothing to repair.\n")


def _describe_repair(repair: Repair, *, dry_run: bool) -> list[str]:
    files = count(len(repair.moved), "file")
    went = "would go" if dry_run else "went"
    lines = [f"{repair.file}: {repair.reason}", f"  {files} {went} to {repair.folder}"]
    if repair.inputs:
        more = len(repair.inputs) - _MOST_INPUTS
        rest = f" and {more:,} more" if more > 0 else ""
        lines.append(f"  articles of {', '.join(repair.inputs[:_MOST_INPUTS])}{rest}")
    return [*lines, f"  {repair.advice}"]
