"""No number and no text of the command line gives a traceback."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.cli.app import _exit_code


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "--hours", "inf"],
        ["status", "--silent-hours", "nan"],
        ["maintain", "--grace", "inf"],
        ["maintain", "--pages-days", "1e300"],
        ["maintain", "--target-mb", "nan"],
        ["maintain", "--pages-mb=-1"],
        ["up", "--port", "99999999"],
        ["serve", "--port", "0"],
        ["ingest", ".", "--every", "inf"],
        ["ingest", ".", "--every=-5m"],
    ],
    ids=" ".join,
)
def test_a_number_out_of_bounds_is_wrong_use(arguments: list[str]) -> None:
    assert _exit_code(arguments) == 2


@pytest.mark.parametrize("arguments", [["sql", "SELECT 'caf\udce9'"], ["ingest", ".", "--lake", "caf\udce9"]])
def test_a_text_that_is_not_utf_8_is_wrong_use(
    arguments: list[str], command: Sequence[str], environment: dict[str, str], tmp_path: Path
) -> None:
    words = [os.fsencode(word) for word in (*command, *arguments)]
    run = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert run.returncode == 2
    assert b"is not UTF-8" in run.stderr
    assert b"Traceback" not in run.stderr
