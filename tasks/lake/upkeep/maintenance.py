"""Keeping a lake quick and small: many batches into few, and away with what no longer counts.

Needs no lock. Any number may do this at once, while others write and read; stopped anywhere, it leaves a lake that
answers as before, and the next run goes on.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from schemas.settings import MaintainSettings
from tasks.lake.query.run import open_for_upkeep, translate_duckdb_errors
from tasks.lake.storage.layout import find_lake, stored_files
from tasks.lake.storage.protocol import Lake, Storage
from tasks.lake.upkeep.compaction import compact
from tasks.lake.upkeep.expiry import Removal, find_removals
from tasks.lake.upkeep.index import index_lake
from tasks.lake.upkeep.plan import make_plan

__all__ = ["Maintenance", "maintain_lake"]

_TRIES = 5
"""Listings that a run may find overtaken by another run's deletions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """What was done to a lake, or would be."""

    compacted: int = 0
    """Batches written anew."""
    made: int = 0
    """Batches that they became."""
    left_to_others: int = 0
    """Batches that others were making of the same rows at the same time."""
    deleted_batches: int = 0
    """Batches with articles of which none counted any more."""
    deleted_files: int = 0
    """Theirs, those of rejects, fetches and old pages, and what crashed writers left."""
    deleted_bytes: int = 0
    waiting_batches: int = 0
    """Batches of which nothing counts, but not for long enough to be deleted."""


def maintain_lake(
    lake: Lake,
    settings: MaintainSettings,
    *,
    clock: Callable[[], datetime],
    tell: Callable[[int, int], object],
    dry_run: bool = False,
) -> Maintenance:
    """Compact a lake, then delete what has been superseded for longer than the grace period.

    Only current rows are copied: what older versions of the rules made of an article is gone when its files are.

    Args:
        lake: The lake.
        settings: Sizes and times.
        clock: Gives the time, UTC.
        dry_run: Only say what would be done.
        tell: Is told how many of how many batches are made.

    Raises:
        StopFlow: There is no lake, a file is broken, or something cannot be written or deleted.
    """
    storage = find_lake(lake)
    if not dry_run:
        index_lake(lake, now=clock())
    done = _compact_batches(storage, settings, clock, dry_run=dry_run, tell=tell)
    done = _delete_removals(storage, settings, clock(), done, dry_run=dry_run)
    gone = done.deleted_batches if dry_run else 0
    return replace(done, waiting_batches=_count_superseded(storage) - gone)


def _compact_batches(
    storage: Storage,
    settings: MaintainSettings,
    clock: Callable[[], datetime],
    *,
    dry_run: bool,
    tell: Callable[[int, int], object],
) -> Maintenance:
    with open_for_upkeep(storage) as connection, translate_duckdb_errors(storage):
        plan = make_plan(connection, storage, settings.target_bytes, now=clock())
        done = Maintenance(compacted=plan.files, made=len(plan) if dry_run else 0)
        if dry_run or not len(plan):
            return done
        for number, batch_id in enumerate(compact(connection, storage, plan, clock=clock), 1):
            done = replace(done, made=done.made + bool(batch_id), left_to_others=done.left_to_others + (not batch_id))
            tell(number, len(plan))
        return done


def _delete_removals(
    storage: Storage, settings: MaintainSettings, now: datetime, done: Maintenance, *, dry_run: bool
) -> Maintenance:
    for removal in _list_removals(storage, settings, now):
        if removal.unless and _has_file(storage, removal.unless):
            continue
        for file in removal.files:
            if not dry_run:
                storage.delete(file.name)
        done = replace(
            done,
            deleted_batches=done.deleted_batches + removal.files[0].name.startswith("articles/"),
            deleted_files=done.deleted_files + len(removal.files),
            deleted_bytes=done.deleted_bytes + sum(file.size_bytes for file in removal.files),
        )
    return done


def _list_removals(storage: Storage, settings: MaintainSettings, now: datetime) -> list[Removal]:
    def list_now() -> list[Removal]:
        return list(find_removals(storage, settings, now=now))

    with translate_duckdb_errors(storage):
        for _ in range(_TRIES - 1):
            with suppress(duckdb.Error):
                return list_now()
        return list_now()


def _has_file(storage: Storage, name: str) -> bool:
    try:
        storage.open_file(name).close()
    except OSError:
        return False
    return True


def _count_superseded(storage: Storage) -> int:
    """Count the batches of which nothing counts, but whose files are there."""
    stored = {file.stem for file in stored_files(storage, "articles")}
    with open_for_upkeep(storage) as connection:
        counting = connection.execute("SELECT DISTINCT batch_id FROM articles").fetchall()
    return len(stored - {batch_id for (batch_id,) in counting})
