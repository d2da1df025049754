import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import settings

from outlet import Outlet
from prefect_processes import prefect_server

# A busy machine is no failure: what takes long is for `make bench` to say.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

Parley = Callable[..., subprocess.CompletedProcess[str]]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Packed bytes hold the time at which they were packed; names must be the same in every process."""
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) and len(val) > 16 else None


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a person's shell holds, but with a Prefect home of the tests' own and no server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    quiet = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "COLUMNS": "200"}
    return kept | quiet | {"PREFECT_HOME": str(tmp_path_factory.mktemp("prefect"))}


@pytest.fixture(scope="session")
def command() -> list[str]:
    return [sys.executable, "-m", "flows.cli.app"]


@pytest.fixture(scope="session")
def parley(command: Sequence[str], environment: dict[str, str]) -> Parley:
    """Runs the command line to its end; variables given by name are added to its environment."""

    def run(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *map(str, arguments)], env=environment | variables, capture_output=True, text=True, timeout=300
        )

    return run


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    """Newspapers on loopback; a test names those it wants."""
    with Outlet() as outlet:
        yield outlet


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its database and its log."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def prefect_url(environment: dict[str, str], prefect_home: Path) -> Iterator[str]:
    """A Prefect server on loopback, for all tests that need none of their own."""
    # Nobody uses Prefect's blocks here but one that registers itself; writing them all down takes seconds.
    quick = environment | {"PREFECT_API_BLOCKS_REGISTER_ON_START": "false"}
    with prefect_server(quick, prefect_home) as url:
        yield url
