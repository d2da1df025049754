"""Serve Parley's flows from one process: schedules are kept, runs are started and can be stopped in Prefect's pages.

    python -m deployments.serve          until Ctrl-C; `make serve` does the same

Reports to the server that PREFECT_API_URL names or `parley up` started; without one, it starts one and ends it.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from flows.cli.server import down, up
from flows.run.configuration import Configuration, configure, given_settings
from flows.server.local import use_running_server
from flows.server.settings import empty_working_folder, keep_imports_safe, prepare_prefect
from schemas.errors import StopFlow

__all__ = ["main"]

CLIENT_RETRIES = "10"
"""A server that restarts takes half a minute or more; a run that has something to tell it waits longer than that."""
RUNS_AT_ONCE = 2
"""A run of each flow has its limit of one; beyond that, this machine has limits."""


def main() -> None:
    """Serve until Ctrl-C or SIGTERM; exit code 2 if a setting is wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Prefect does later on, so that our server is ended too
    keep_imports_safe()
    prepare_prefect(verbose=True)
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", CLIENT_RETRIES)
    use_running_server()
    own = not os.environ.get("PREFECT_API_URL")
    try:
        if own:
            up(port=int(os.environ.get("PARLEY_UI_PORT", "4200")))
            use_running_server()
        _serve()
    except StopFlow as stop:
        sys.exit(f"parley: {stop}")
    finally:
        if own:
            down()


def _serve() -> None:
    # Prefect is told where its server is before it is imported.
    from prefect import serve

    from deployments.plan import deployments

    made = deployments(_configuration())
    with suppress(KeyboardInterrupt), empty_working_folder():
        # Schedules stay: what falls due while nobody serves is late, and `parley status` says so.
        serve(*made, pause_on_shutdown=False, limit=RUNS_AT_ONCE)


def _configuration() -> Configuration:
    from deployments.variables import variables

    return configure(variables() | given_settings(os.environ, Path()))


if __name__ == "__main__":
    main()
