"""Where settings come from, and which wins."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.run.configuration import Configuration, configure, fill_settings, given_settings
from schemas.errors import StopFlow
from schemas.settings import FetchSettings, IngestSettings

Parley = Callable[..., subprocess.CompletedProcess[str]]


def test_the_environment_wins_over_the_file_and_empty_is_not_given(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PARLEY_LAKE=from-file\nPARLEY_CONTACT='a b'\nPARLEY_WORKERS=\nOTHER=1\n", "utf-8")
    given = given_settings({"PARLEY_LAKE": "from-environment", "PARLEY_CATALOGUE": "", "LAKE": "no"}, tmp_path)
    assert given == {"lake": "from-environment", "contact": "a b"}
    assert given_settings({}, tmp_path / "nowhere") == {}


def test_texts_become_settings() -> None:
    made = configure({"lake": "s3://b/p", "workers": "3", "allowed_hosts": "a:1=127.0.0.1, b"})
    assert made == Configuration(lake="s3://b/p", workers=3, allowed_hosts=("a:1=127.0.0.1", "b"))
    assert configure({}) == Configuration()


def test_a_worker_fills_what_the_form_leaves_at_its_default() -> None:
    environment = {"PARLEY_CONTACT": "a@b", "PARLEY_WORKERS": "7", "PARLEY_ALLOWED_HOSTS": "a,b", "PARLEY_CA_FILE": ""}
    filled = fill_settings(IngestSettings(batch_size=9), environment)
    fetching = FetchSettings(contact="a@b", allowed_hosts=("a", "b"))
    assert filled == IngestSettings(batch_size=9, workers=7, fetching=fetching)
    written = IngestSettings(workers=3, fetching=FetchSettings(contact="form@b", allowed_hosts=("c",)))
    assert fill_settings(written, environment) == written
    assert fill_settings(written, {}) == written


@pytest.mark.parametrize("workers", ["0", "-1", "two", "1.5"])
def test_a_wrong_number_is_named(workers: str) -> None:
    with pytest.raises(StopFlow, match="PARLEY_WORKERS"):
        configure({"workers": workers})


def test_a_flag_wins_over_the_environment(parley: Parley, tmp_path: Path) -> None:
    assert "gone-a" in parley("status", PARLEY_LAKE=tmp_path / "gone-a").stdout
    assert "gone-b" in parley("status", "--lake", tmp_path / "gone-b", PARLEY_LAKE=tmp_path / "gone-a").stdout
