"""Settings that are given once for a machine: where the lake is, whom hosts may turn to … The same names everywhere.

From strong to weak: a flag, or a field of the form in Prefect's pages; the environment (``PARLEY_LAKE``); ``.env`` in
the working directory; Prefect's variable (``parley_lake``), read where deployments are made; the default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TypeVar

from schemas.errors import StopFlow
from schemas.settings import FetchSettings, IngestSettings

__all__ = [
    "NAMES",
    "Configuration",
    "configure",
    "fill_settings",
    "given_settings",
    "require_contact",
    "split_list",
    "variable",
]

Settings = TypeVar("Settings", IngestSettings, FetchSettings)

_OF_RUN = ("workers", "catalogue")
_OF_WEB = ("contact", "allowed_hosts", "ca_file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of a machine; the names of the fields are those of the flags and, in capitals, of the variables."""

    lake: str = "lake"
    """Folder of the tables, or ``s3://BUCKET/PREFIX``."""
    contact: str = ""
    """Web page or mail address that stands in the User-Agent."""
    catalogue: str = ""
    """Folder of watched sources; the empty text stands for the one that comes with Parley."""
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    """Processes that clean and extract."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that may be asked though they are not public; in a variable, with commas between them."""
    ca_file: str = ""
    """PEM file of certificates to trust beside the public ones."""


NAMES = tuple(one.name for one in fields(Configuration))


def variable(name: str) -> str:
    """Return the environment variable of a setting, such as ``PARLEY_LAKE``."""
    return f"PARLEY_{name.upper()}"


def require_contact(contact: str) -> None:
    """Check that web sites are told who reads them.

    Raises:
        StopFlow: There is no contact.
    """
    if not contact:
        raise StopFlow(
            "--contact is missing: give a URL or e-mail address where site owners can reach you (or set PARLEY_CONTACT)"
        )


def given_settings(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the settings that a folder's ``.env`` and, stronger, the environment give; an empty text gives none.

    Args:
        environment: As ``os.environ``.
        folder: Where ``.env`` is looked for; it need not exist.
    """
    written = _read_env_file(folder / ".env") | dict(environment)
    named = {name: written.get(variable(name)) for name in NAMES}
    return {name: value for name, value in named.items() if value}


def configure(given: Mapping[str, str]) -> Configuration:
    """Return settings made of texts by name; what is not given has its default.

    Raises:
        StopFlow: A value has the wrong kind, such as a word where a number is needed.
    """
    texts = {name: given[name] for name in ("lake", "contact", "catalogue", "ca_file") if name in given}
    workers = {"workers": _read_count(given["workers"])} if "workers" in given else {}
    return Configuration(**texts, **workers, allowed_hosts=split_list(given.get("allowed_hosts", "")))  # type: ignore[arg-type]


def fill_settings(settings: IngestSettings, environment: Mapping[str, str]) -> IngestSettings:
    """Return the settings of a run with the environment's values where a field has its default.

    For runs that a worker starts: ``prefect.yaml`` gives them the variables, and its form need not repeat them.

    Raises:
        StopFlow: A variable has a value of the wrong kind.
    """
    given = {name: environment[variable(name)] for name in NAMES if environment.get(variable(name))}
    configured = configure(given)
    values = {name: getattr(configured, name) for name in given}
    fetching = _fill_defaults(settings.fetching, _OF_WEB, values)
    return replace(_fill_defaults(settings, _OF_RUN, values), fetching=fetching)


def _fill_defaults(settings: Settings, names: tuple[str, ...], values: Mapping[str, object]) -> Settings:
    default = type(settings)()
    missing = {name for name in names if getattr(settings, name) == getattr(default, name)}
    filled = {name: values[name] for name in missing & values.keys()}
    return replace(settings, **filled)  # type: ignore[arg-type]  # the fields of Configuration have the same types


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def split_list(text: str) -> tuple[str, ...]:
    """Split a text at commas and white space."""
    return tuple(text.replace(",", " ").split())


def _read_count(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise StopFlow(f"PARLEY_WORKERS is {text!r}; give a whole number from 1")
    return int(text)
