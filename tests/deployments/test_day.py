"""A short day in fast motion: schedules fire, processes are killed, and nothing is lost or stored twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from postgres import find_postgres

ROOT = Path(__file__).parents[2]
RUNS = 8


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_day_with_accidents_ends_well(database: str) -> None:
    if database == "postgresql" and find_postgres() is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no PostgreSQL; .ci/run installs it")
        pytest.skip("no PostgreSQL on this machine")
    command = [sys.executable, "-m", "benchmarks.day", "--runs", str(RUNS), "--database", database]
    day = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert day.returncode == 0, day.stdout[-4000:] + day.stderr[-4000:]
    assert "All is well." in day.stdout
