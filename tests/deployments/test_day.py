"""A morning in fast motion: the server is restarted under a run, a run is killed, and nothing is lost or doubled."""

import subprocess
import sys
from pathlib import Path


def test_a_morning_with_two_accidents_ends_well() -> None:
    command = [sys.executable, "-m", "benchmarks.day", "--runs", "4"]
    day = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=600)
    assert day.returncode == 0, day.stdout + day.stderr
    assert "All is well." in day.stdout
