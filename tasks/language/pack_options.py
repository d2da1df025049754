"""What ``pack.toml`` of a language may say: the differences of kind between languages, as named options."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from tasks.seed_files import SeedTable, check_pattern, check_timezone, read_seed_file

__all__ = ["PackOptions", "read_pack_options"]


class PackOptions(SeedTable):
    """The options of a language."""

    syllable: Annotated[str, AfterValidator(check_pattern)]
    """What a lower-case word of the language can look like; a capitalised word that does not is foreign."""
    timezone: Annotated[str, AfterValidator(check_timezone)]
    """IANA name, of dates that name none."""
    home_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166-1 alpha-2: the country that an official named without one serves."""
    native_tradition: str | None = None
    """Naming tradition of names in the language's own syllables; None if its letters tell no name for native."""
    day_first: bool
    """A date in numbers gives the day before the month: 3/4 is 3 April."""
    place_name_columns: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns of ``countries.csv`` and ``regions.csv`` whose names the press prints; the first is what rows say."""
    body_column: str | None = None
    """Column of ``venues.csv`` that says in the language which body speaks through a building."""
    abbreviations: tuple[str, ...]
    """Words whose full stop does not end a sentence."""

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone itself."""
        return ZoneInfo(self.timezone)


def read_pack_options(seeds: Path, code: str) -> PackOptions:
    """Read a language's ``pack.toml``.

    Args:
        seeds: The seeds folder.
        code: ISO 639-1 code, the name of the language's folder.

    Raises:
        StopFlow: The file is missing, or an option is unknown, missing or wrong.
    """
    return read_seed_file(seeds / "languages" / code / "pack.toml", PackOptions)
