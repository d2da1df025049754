import json
from pathlib import Path

import pytest

from flows.cli.config import config
from flows.run.configuration import NAMES, variable


def test_each_setting_is_printed_with_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("PARLEY_CONTACT=desk@example.org\nPARLEY_LAKE=of-env-file\n")
    monkeypatch.setenv("PARLEY_LAKE", "of-environment")
    config(json=True)
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert set(found) == set(NAMES)
    assert (found["lake"]["value"], found["lake"]["origin"]) == ("of-environment", "environment, PARLEY_LAKE")
    assert found["contact"]["value"] == "desk@example.org"
    assert found["contact"]["origin"].startswith(str(tmp_path / ".env"))
    assert found["catalogue"]["origin"] == "default"
    config()
    assert "(none)" in capsys.readouterr().out
