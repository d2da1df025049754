"""A run whose Prefect server goes away goes on, ends with its summary, and its process ends."""

import re
import subprocess
from pathlib import Path

import pytest

from prefect_processes import PrefectServer

STORY = "Ngày 12/3/2024, ông Lâm Vĩnh An đã hội đàm với ông Daniel Whitmore tại Hà Nội, bản tin số {}.\n"


@pytest.mark.long
def test_a_server_killed_in_the_middle_costs_one_line(
    command: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:03d}.txt").write_text(STORY.format(number) * 40)
    arguments = ["ingest", str(folder), "--lake", str(tmp_path / "lake"), "--batch-size", "1", "--workers", "1"]
    server = PrefectServer(environment, tmp_path / "server")
    server.start()
    try:
        own = environment | {"PREFECT_API_URL": server.url}
        with subprocess.Popen(
            [*command, *arguments], env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as run:
            assert run.stderr
            next(line for line in run.stderr if re.search(r", [1-9]\d* stored", line))
            server.kill()
            out, err = run.communicate(timeout=240)
    finally:
        server.stop()
    assert run.returncode == 0
    assert re.search(r"^rows +60 articles", out, re.MULTILINE), out
    assert sum("is gone" in line for line in err.splitlines()) <= 1
    other = [line for line in err.splitlines() if " read, " not in line and "is gone" not in line]
    assert other == []
