"""The examples of docs/install.md, run as they are written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generate.samples import DOCS, fill_lake

PAGE = (DOCS / "install.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("number", "printed"), [(0, r"[1-9]\d* quotes\n"), (1, r"(?s).*Joe Biden · .*")])
def test_an_example_runs_where_there_is_no_checkout(number: int, printed: str, tmp_path: Path) -> None:
    fill_lake(tmp_path / "demo-lake")
    run = subprocess.run([sys.executable, "-c", EXAMPLES[number]], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert re.fullmatch(printed, run.stdout), run.stdout


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == 2
    assert PAGE.count("```") == 2 * len(EXAMPLES)
