"""Parley served as its operators serve it: a Prefect server, the serving process, and somebody who hears alerts."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from outlet import Outlet
from outlet.catalogue import add_source
from prefect_api import Api, wait_for
from prefect_processes import HOSTS, background, serving_environment


@pytest.fixture(scope="session")
def api(prefect_url: str) -> Api:
    return Api(prefect_url)


@pytest.fixture(scope="session")
def newspapers() -> Iterator[Outlet]:
    with Outlet() as outlet:
        for host in HOSTS:
            outlet.site(host, stories=3)
        yield outlet


@pytest.fixture(scope="session")
def served(
    newspapers: Outlet, environment: dict[str, str], api: Api, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The folder in which `parley serve` is at work, with `lake` and `sources` in it."""
    folder = tmp_path_factory.mktemp("served")
    for host in HOSTS:
        add_source(folder / "sources", newspapers.sites[host].base)
    own = serving_environment(environment, newspapers, folder) | {"PREFECT_API_URL": api.url}
    with background(["-m", "flows.cli.app", "serve"], own, folder, log=folder / "log") as serving:
        for name in ("ingest/watch", "maintain/nightly"):
            wait_for(lambda name=name: serving.poll() is None and api.deployment(name), f"{folder}/log")
            api.pause(name)  # the clock must not start runs of its own in between
        yield folder
    assert serving.returncode == 0


@pytest.fixture(scope="session")
def alerts(api: Api, environment: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    """What arrives where the automations of `deployments/automations.py` post it."""
    heard: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append(json.loads(body) if isinstance(body, str) else body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        Thread(target=receiver.serve_forever, daemon=True).start()
        command = [sys.executable, "-m", "deployments.automations", f"http://127.0.0.1:{receiver.server_port}/"]
        made = subprocess.run(command, env=environment | {"PREFECT_API_URL": api.url}, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        assert len(made.stdout.splitlines()) == 5
        yield heard
        receiver.shutdown()
