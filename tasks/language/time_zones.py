"""Where the press of each language is at home; read without the rest of a language pack."""

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType

from schemas.errors import StopFlow
from seeds import SEEDS

__all__ = ["read_time_zones"]


@cache
def read_time_zones() -> MappingProxyType[str, str]:
    """Return the IANA name of the time zone of each language that there is a pack for, by ISO 639-1 code.

    Raises:
        StopFlow: A ``pack.toml`` cannot be read, or names no time zone.
    """
    files = sorted(SEEDS.glob("languages/*/pack.toml"))
    return MappingProxyType({file.parent.name: _read_time_zone(file) for file in files})


def _read_time_zone(file: Path) -> str:
    try:
        return str(tomllib.loads(file.read_text(encoding="utf-8"))["timezone"])
    except (OSError, KeyError, ValueError) as error:
        raise StopFlow(f"{file}: {error!r}; correct the entry `timezone` or restore the file") from error
