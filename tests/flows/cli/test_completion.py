import subprocess
from pathlib import Path

import pytest

from flows.cli.completion import completion


def test_bash_completes_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    completion("bash")
    script = tmp_path / "parley.bash"
    script.write_text(capsys.readouterr().out)
    ask = f"source {script}; COMP_WORDS=(parley inge); COMP_CWORD=1; _parley; echo ${{COMPREPLY[@]}}"
    answer = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["ingest"]


def test_zsh_gets_a_script_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    completion("zsh")
    assert capsys.readouterr().out.startswith("#compdef parley")
