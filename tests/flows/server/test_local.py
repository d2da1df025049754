"""`parley up`: a server that stays, that runs find by themselves, and that `parley down` ends."""

import json
import socket
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

import pytest

Parley = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path, parley: Parley) -> Iterator[Path]:
    yield tmp_path / "prefect"
    parley("down", PREFECT_HOME=tmp_path / "prefect")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _request(port: int, home: Path, path: str, body: bytes, method: str, *, with_secret: bool) -> Request:
    headers = {"Content-Type": "application/json"}
    if with_secret:
        secret = (home / "parley" / "password").read_text().strip()
        headers["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
    return Request(f"http://127.0.0.1:{port}/api/{path}", body, headers, method=method)


def status_of(port: int, home: Path, path: str, body: bytes, method: str, *, with_secret: bool) -> int:
    try:
        with urlopen(_request(port, home, path, body, method, with_secret=with_secret), timeout=60) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def runs_of(port: int, home: Path) -> list[object]:
    with urlopen(_request(port, home, "flow_runs/filter", b"{}", "POST", with_secret=True), timeout=60) as answer:
        found: list[object] = json.load(answer)
    return found


def allowed_origin(port: int, origin: str) -> str | None:
    request = Request(f"http://127.0.0.1:{port}/api/health", headers={"Origin": origin})
    with urlopen(request, timeout=60) as answer:
        allowed: str | None = answer.headers.get("access-control-allow-origin")
    return allowed


def test_runs_find_the_server_that_stays(parley: Parley, home: Path, port: int, tmp_path: Path) -> None:
    up = parley("up", "--port", port, PREFECT_HOME=home)
    assert up.returncode == 0, up.stdout + up.stderr
    assert f"http://127.0.0.1:{port}" in up.stdout
    assert "is running already" in parley("up", PREFECT_HOME=home).stdout
    (tmp_path / "one.txt").write_text(
        "Ngày 12/3/2024, ông Lâm Vĩnh An đã hội đàm với ông Daniel Whitmore tại Hà Nội.\n"
    )
    run = parley("ingest", tmp_path / "one.txt", "--lake", tmp_path / "lake", PREFECT_HOME=home)
    assert run.stderr.startswith(f"Starting Prefect (server at http://127.0.0.1:{port}/api)")
    assert status_of(port, home, "flow_runs/filter", b"{}", "POST", with_secret=True) == 200
    assert len(runs_of(port, home)) == 1
    # Whoever may change a deployment may run commands as the person who serves it.
    deployment = f"deployments/{UUID(int=1)}"
    assert status_of(port, home, deployment, b'{"pull_steps": []}', "PATCH", with_secret=False) == 401
    assert status_of(port, home, "flow_runs/filter", b"{}", "POST", with_secret=False) == 401
    assert status_of(port, home, deployment, b'{"pull_steps": []}', "PATCH", with_secret=True) == 404
    assert allowed_origin(port, "https://evil.test") is None
    assert "ended" in parley("down", PREFECT_HOME=home).stdout
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_that_is_taken_is_named(parley: Parley, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        up = parley("up", "--port", taken.getsockname()[1], PREFECT_HOME=home)
    assert (up.returncode, "--port" in up.stderr) == (2, True)


@pytest.mark.parametrize("left", ["", "{", json.dumps({"url": "http://127.0.0.1:9/api", "pid": 1}), "[]"])
def test_what_a_dead_server_left_behind_does_no_harm(parley: Parley, home: Path, left: str) -> None:
    (home / "parley").mkdir(parents=True)
    (home / "parley" / "server.json").write_text(left)
    assert "No server" in parley("down", PREFECT_HOME=home).stdout
    assert not (home / "parley" / "server.json").exists()
