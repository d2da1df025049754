"""The views that make everyday questions short; ``sql/NAME.sql`` holds the SQL of each."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["EVERYDAY_VIEWS", "describe_views", "read_everyday_views"]

EVERYDAY_VIEWS = (
    "outcomes",
    "meetings_flat",
    "meetings_in_context",
    "quotes_in_context",
    "topics_in_context",
    "people",
    "ledger",
    "who_met_whom",
    "topics_by_month",
    "quotes_by_person",
)
"""Their names, each after those that it reads from."""

_CURRENT_BATCHES = "Which batch of each article counts: the newest extraction of its newest reading"
_FOLDER = files("tasks.lake.views").joinpath("sql")


@cache
def read_everyday_views() -> MappingProxyType[str, str]:
    """Return the SQL of each everyday view by name, in the order of :data:`EVERYDAY_VIEWS`.

    They read tables and views by name only and say nothing of files, so that they fit real tables as well.
    """
    return MappingProxyType({name: _read_sql(name) for name in EVERYDAY_VIEWS})


def describe_views() -> dict[str, str]:
    """Return what each view that is not a table says, in one sentence without its full stop."""
    first, *others = EVERYDAY_VIEWS
    said = {first: _read_description(first), "current_batches": _CURRENT_BATCHES}
    return said | {name: _read_description(name) for name in others}


def _read_sql(name: str) -> str:
    return _FOLDER.joinpath(f"{name}.sql").read_text(encoding="utf-8").strip()


def _read_description(name: str) -> str:
    """Return the comment in the first line of a view's file."""
    first_line = next(_lines_of(name))
    return first_line.removeprefix("-- ").removesuffix(".")


def _lines_of(name: str) -> Iterator[str]:
    yield from read_everyday_views()[name].splitlines()
