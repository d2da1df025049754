"""``parley serve``: keep schedules from one process; runs are started and can be stopped in Prefect's pages.

It reports to the server that PREFECT_API_URL names or ``parley up`` started; without one, it starts one and ends it.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from flows.cli.numbers import Port
from flows.cli.output.messages import LogFormat, choose_log_format
from flows.cli.server import down, up
from flows.run.configuration import Configuration, configure, given_settings
from flows.server.local import use_running_server
from flows.server.settings import empty_working_folder, prepare_prefect

__all__ = ["serve"]

CLIENT_RETRIES = 10
"""A server that restarts takes half a minute or more; a run that has something to report waits longer than that."""
RUNS_AT_ONCE = 2
"""A run of each flow has its limit of one; beyond that, this machine has limits."""


def serve(*, port: Port | None = None, log_format: LogFormat | None = None) -> None:
    """Keep schedules until Ctrl-C or SIGTERM.

    Args:
        port: Where the pages are, if no server runs yet; by default 4200, or what PARLEY_UI_PORT says.
        log_format: Print log lines as text, or each as a JSON object (or set PARLEY_LOG_FORMAT).

    Raises:
        StopFlow: A setting is wrong, or the server did not start.
    """
    if log_format:
        choose_log_format(log_format)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Prefect does later on, so that our server is ended too
    prepare_prefect(verbose=True, client_retries=CLIENT_RETRIES)
    use_running_server()
    has_own_server = not os.environ.get("PREFECT_API_URL")
    try:
        if has_own_server:
            up(port=port or int(os.environ.get("PARLEY_UI_PORT", "4200")))
            use_running_server()
        _serve_flows()
    finally:
        if has_own_server:
            down()


def _serve_flows() -> None:
    # Prefect is told where its server is before it is imported.
    from prefect import serve as serve_deployments

    from flows.cli.plan import deployments

    made = deployments(_read_configuration())
    with suppress(KeyboardInterrupt), empty_working_folder():
        # Schedules stay: what falls due while nobody serves is late, and `parley status` says so.
        serve_deployments(*made, pause_on_shutdown=False, limit=RUNS_AT_ONCE)


def _read_configuration() -> Configuration:
    from flows.server.variables import variables

    return configure(variables() | given_settings(os.environ, Path()))
