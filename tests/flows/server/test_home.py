"""Our servers keep a home and a secret of their own."""

import stat
from pathlib import Path

import pytest

from flows.server.home import database_problem, own_home, secret_file, server_environment, server_secret


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "account"))
    monkeypatch.delenv("PREFECT_SERVER_API_AUTH_STRING", raising=False)
    return tmp_path / "account"


def test_the_home_is_not_the_account_s(home: Path) -> None:
    assert own_home() != home
    assert server_environment("http://127.0.0.1:4200/api")["PREFECT_HOME"] == str(own_home())


def test_the_secret_is_made_once_and_only_its_owner_can_read_it() -> None:
    secret = server_secret()
    assert (server_secret(), len(secret) > 40, secret.partition(":")[0]) == (secret, True, "parley")
    assert stat.S_IMODE(secret_file().stat().st_mode) == 0o600


def test_a_secret_that_a_person_has_chosen_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "me:mine")
    assert server_environment("http://127.0.0.1:4200/api")["PREFECT_SERVER_API_AUTH_STRING"] == "me:mine"
    assert not secret_file().exists()


def test_pages_of_other_origins_get_no_answer() -> None:
    origins = server_environment("http://127.0.0.1:4200/api")["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"]
    assert origins == "http://127.0.0.1:4200,http://localhost:4200"


def test_a_profile_of_the_account_does_not_reach_our_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_PROFILE", "work")
    assert "PREFECT_PROFILE" not in server_environment("http://127.0.0.1:4200/api")


def test_a_database_of_a_newer_prefect_is_said_in_words() -> None:
    log = "alembic.util.exc.CommandError: Can't locate revision identified by 'ffffffffffff'"
    assert "written by a newer Prefect" in (database_problem(log) or "")
    assert database_problem("Address already in use") is None
