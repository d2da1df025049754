"""``parley up`` and ``parley down``: a Prefect server of this machine that stays, for runs to find."""

import sys

from flows.cli.numbers import Port
from flows.server.home import secret_file
from flows.server.local import become_server, running_server, server_log, start_server, stop_server

__all__ = ["down", "up"]


def up(*, port: Port = 4200, foreground: bool = False) -> None:
    """Start a Prefect server on 127.0.0.1 that later runs report to; its pages show them.

    Args:
        port: Where it listens.
        foreground: Keep the terminal until Ctrl-C, for a service manager or a look at the log.
    """
    if url := running_server():
        sys.stdout.write(f"Prefect is running already: {_pages(url)}\n")
        return
    if foreground:
        become_server(port)
    sys.stdout.write(f"Starting Prefect (half a minute the first time); its log is {server_log()}\n")
    sys.stdout.flush()
    url = start_server(port)
    sys.stdout.write(f"Prefect is running: {_pages(url)}\n")
    sys.stdout.write(f"Its pages ask for a password once: give the whole line in {secret_file()}.\n")
    sys.stdout.write("Runs find it by themselves; `parley down` ends it.\n")


def down() -> None:
    """End the server that ``parley up`` started; runs that are under way go on without it."""
    if stop_server():
        sys.stdout.write("Prefect has ended. What it knows stays in its database for the next time.\n")
    else:
        sys.stdout.write("No server that `parley up` started is running.\n")


def _pages(url: str) -> str:
    return url.removesuffix("/api")
