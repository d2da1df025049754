"""Files that other programs read: the unit of systemd, and what Docker leaves out of an image."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SYSTEMD = shutil.which("systemd-analyze")
MOST_EXPOSURE = 25
"""Tenths; systemd calls a unit "OK" below 50, and rates one without any protection 96."""


@pytest.fixture
def analyze() -> str:
    if SYSTEMD is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no systemd-analyze; .ci/run installs it")
        pytest.skip("no systemd-analyze on this machine")
    return SYSTEMD


def test_systemd_understands_the_unit(analyze: str, tmp_path: Path) -> None:
    """With programs that exist here; where they lie on a server is not what is verified."""
    unit = tmp_path / "parley.service"
    text = (ROOT / "deployments" / "parley.service").read_text("utf-8")
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text), "utf-8")
    verified = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_the_unit_may_do_little_to_its_machine(analyze: str) -> None:
    unit = ROOT / "deployments" / "parley.service"
    command = [analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", "--no-pager", unit]
    rated = subprocess.run(command, capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout + rated.stderr


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        (".env", True),
        ("deployments/.env", True),
        ("deployments/.env.old", True),
        (".git/config", True),
        ("lake/articles/1.parquet", True),
        ("flows/__pycache__/ingest.pyc", True),
        ("deployments/example.env", False),
        ("deployments/prefect.yaml", False),
        ("requirements.lock", False),
        ("tasks/lake/__init__.py", False),
    ],
)
def test_secrets_and_rows_do_not_get_into_an_image(path: str, left_out: bool) -> None:
    patterns = [re.compile(translate(line)) for line in (ROOT / ".dockerignore").read_text("utf-8").split()]
    parents = ["/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 2)]
    assert any(pattern.fullmatch(parent) for pattern in patterns for parent in parents) == left_out


def translate(pattern: str) -> str:
    """A pattern of .dockerignore as a regular expression: from the top folder on; `**/` is any number of folders."""
    return re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")


def test_every_service_knows_the_password_of_the_server() -> None:
    """Prefect's server runs what it is told: without a password, whoever reaches it has the machine."""
    services = yaml.safe_load((ROOT / "deployments" / "compose.yaml").read_text("utf-8"))["services"]
    server = services["server"]["environment"]
    password = server["PREFECT_SERVER_API_AUTH_STRING"]
    assert password.startswith("parley:${SERVER_PASSWORD:?")
    assert "*" not in server["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]
    clients = [service["environment"] for service in services.values() if "PREFECT_API_URL" in service["environment"]]
    assert [client["PREFECT_API_AUTH_STRING"] for client in clients] == [password, password]
