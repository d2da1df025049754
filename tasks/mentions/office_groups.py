"""Read which offices belong together: ``seeds/office_groups.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.seed_files import SeedTable, read_seed_file

__all__ = ["OfficeGroups", "load_office_groups"]


class _Group(SeedTable):
    offices: tuple[str, ...]


class _GroupsFile(SeedTable):
    called: dict[str, tuple[str, ...]]
    shared: _Group
    never_meets: _Group


@dataclass(frozen=True, slots=True)
class OfficeGroups:
    """Groups of offices, as slugs.

    Attributes:
        called: Offices whose holders a word like "leader" or "diplomat" can mean, by the slug of the word.
        shared: Offices that several people of one country hold at once.
        never_meets: Callings that never take part in a meeting.
    """

    called: Mapping[str, frozenset[str]]
    shared: frozenset[str]
    never_meets: frozenset[str]

    def meant_by(self, office: str | None) -> frozenset[str | None]:
        """Return the offices whose holders a title can mean: those that its word groups, or else only its own."""
        return self.called.get(office or "", frozenset({office}))


@cache
def load_office_groups(seeds: Path) -> OfficeGroups:
    """Read the file; once per process.

    Raises:
        StopFlow: The file cannot be read, or a key of it is missing, unknown or no list of slugs.
    """
    read = read_seed_file(seeds / "office_groups.toml", _GroupsFile)
    return OfficeGroups(
        called={word: frozenset(offices) for word, offices in read.called.items()},
        shared=frozenset(read.shared.offices),
        never_meets=frozenset(read.never_meets.offices),
    )
