"""Flags that are given once for all, in the environment or in a file ``.env``."""

import os
from pathlib import Path

from cyclopts import App
from cyclopts.argument import ArgumentCollection, Token

from flows.run.configuration import given_settings, split_list, variable

__all__ = ["fill_flags"]


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
