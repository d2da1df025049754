"""Settings that are given once for all: how flags take them from the environment or ``.env``, and ``parley config``."""

import json as json_text
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from cyclopts import App
from cyclopts.argument import ArgumentCollection, Token

from flows.run.configuration import NAMES, configure, given_settings, split_list, variable

__all__ = ["config", "fill_flags"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    name: str
    value: str
    origin: str
    """Where the value comes from: a variable of the environment, ``.env`` or the default."""


def config(*, json: bool = False) -> None:
    """Print each setting of this machine, its value, and where the value comes from.

    Args:
        json: Print JSON.

    Raises:
        StopFlow: A value has the wrong kind.
    """
    settings = _read_settings()
    if json:
        sys.stdout.write(json_text.dumps([asdict(one) for one in settings], ensure_ascii=False) + "\n")
        return
    width = max(len(one.value) for one in settings)
    sys.stdout.writelines(f"{one.name:<14} {one.value:<{width}}  {one.origin}\n" for one in settings)


def _read_settings() -> list[_Setting]:
    given = given_settings(os.environ, Path())
    configured = configure(given)
    return [
        _Setting(name=name, value=_format_value(getattr(configured, name)), origin=_find_origin(name, given))
        for name in NAMES
    ]


def _find_origin(name: str, given: dict[str, str]) -> str:
    if os.environ.get(variable(name)):
        return f"environment, {variable(name)}"
    return f"{Path('.env').resolve()}, {variable(name)}" if name in given else "default"


def _format_value(value: object) -> str:
    if isinstance(value, tuple):
        value = ", ".join(value)
    return str(value) if value != "" else "(none)"


def fill_flags(_app: App, _commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Give every flag that is one of the settings, and was not given, its value from the surroundings.

    Cyclopts calls this between reading the command line and calling the command.
    """
    given = given_settings(os.environ, Path())
    for argument in arguments:
        flag = argument.name.removeprefix("--").replace("-", "_")
        name = "allowed_hosts" if flag == "allow_host" else flag
        if name in given and not argument.tokens:
            for place, value in enumerate(split_list(given[name]) if flag == "allow_host" else (given[name],)):
                argument.append(Token(keyword=variable(name), value=value, source="env", index=place))
