"""Runs again and again: what fails in one of them does not end the others."""

import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta

import pytest

from flows.cli import rounds
from flows.cli.rounds import repeat, run_in_process
from schemas.errors import StopFlow


class EnoughRounds(Exception):
    """Ends what would go on for ever."""


def test_a_round_that_fails_is_told_and_the_next_one_begins(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter([2, 0])
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise EnoughRounds

    monkeypatch.setattr(rounds.time, "sleep", sleep)
    with pytest.raises(EnoughRounds):
        repeat(lambda: next(codes), timedelta(minutes=15), quiet=False)
    said = capsys.readouterr().err
    assert said.count("exit code 2") == 1
    assert said.count("Next run at") == 2
    assert all(890 < pause <= 900 for pause in pauses)


def stop() -> int:
    raise StopFlow("the disk is full")


def be_killed() -> int:
    signal.raise_signal(signal.SIGKILL)
    return 0


def test_a_process_gives_its_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_in_process(int, "7") == 7
    assert run_in_process(stop) == 2
    assert "parley: the disk is full" in capfd.readouterr().err
    assert run_in_process(be_killed) == 128 + signal.SIGKILL


def test_a_misspelt_source_ends_before_anything_is_started(
    parley: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    run = parley("ingest", "--watch", "vnexpres", "--every", "15m", "--contact", "tests@outlet.test")
    assert (run.returncode, "vnexpress" in run.stderr, "Prefect" in run.stderr) == (2, True, False)
