"""What is set once for a machine: where the lake is, whom hosts may turn to … The same names everywhere.

From strong to weak: a flag, or a field of the form in Prefect's pages; the environment (``PARLEY_LAKE``); ``.env`` in
the working directory; Prefect's variable (``parley_lake``), read where deployments are made; the default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from schemas.errors import StopFlow
from schemas.settings import FetchSettings, IngestSettings

if TYPE_CHECKING:
    from cyclopts import App
    from cyclopts.argument import ArgumentCollection

__all__ = ["NAMES", "Configuration", "configure", "fill_flags", "fill_settings", "given_settings"]

Settings = TypeVar("Settings", IngestSettings, FetchSettings)

_PREFIX = "PARLEY_"
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


def given_settings(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The settings that are given by a folder's ``.env`` and, stronger, by the environment; empty texts are none.

    Args:
        environment: As ``os.environ``.
        folder: Where ``.env`` is looked for; it need not exist.
    """
    written = _written(folder / ".env") | dict(environment)
    named = {name: written.get(_PREFIX + name.upper()) for name in NAMES}
    return {name: value for name, value in named.items() if value}


def configure(given: Mapping[str, str]) -> Configuration:
    """Settings from texts by name; what is not given has its default.

    Raises:
        StopFlow: A value is none of its kind.
    """
    texts = {name: given[name] for name in ("lake", "contact", "catalogue", "ca_file") if name in given}
    workers = {"workers": _count(given["workers"])} if "workers" in given else {}
    return Configuration(**texts, **workers, allowed_hosts=_listed(given.get("allowed_hosts", "")))  # type: ignore[arg-type]


def fill_settings(settings: IngestSettings, environment: Mapping[str, str]) -> IngestSettings:
    """Return the settings of a run with the environment's values where a field has its default.

    For runs that a worker starts: ``prefect.yaml`` gives them the variables, and its form need not repeat them.

    Raises:
        StopFlow: A variable has a value of the wrong kind.
    """
    given = {name: environment[_PREFIX + name.upper()] for name in NAMES if environment.get(_PREFIX + name.upper())}
    configured = configure(given)
    values = {name: getattr(configured, name) for name in given}
    fetching = _fill_defaults(settings.fetching, _OF_WEB, values)
    return replace(_fill_defaults(settings, _OF_RUN, values), fetching=fetching)


def _fill_defaults(settings: Settings, names: tuple[str, ...], values: Mapping[str, object]) -> Settings:
    default = type(settings)()
    missing = {name for name in names if getattr(settings, name) == getattr(default, name)}
    filled = {name: values[name] for name in missing & values.keys()}
    return replace(settings, **filled)  # type: ignore[arg-type]  # the fields of Configuration have the same types


def fill_flags(_app: "App", _commands: tuple[str, ...], arguments: "ArgumentCollection") -> None:
    """Give every flag that is one of the settings, and was not given, its value from the surroundings.

    Cyclopts calls this between reading the command line and calling the command.
    """
    from cyclopts.argument import Token

    given = given_settings(os.environ, Path())
    for argument in arguments:
        flag = argument.name.removeprefix("--").replace("-", "_")
        name = "allowed_hosts" if flag == "allow_host" else flag
        if name in given and not argument.tokens:
            for place, value in enumerate(_listed(given[name]) if flag == "allow_host" else (given[name],)):
                argument.append(Token(keyword=_PREFIX + name.upper(), value=value, source="env", index=place))


def _written(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _count(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise StopFlow(f"{_PREFIX}WORKERS is {text!r}; write a whole number from 1")
    return int(text)
