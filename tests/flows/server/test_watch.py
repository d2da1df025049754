"""A run whose Prefect server goes away goes on, ends with its summary, and its process ends."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from prefect_processes import prefect_server

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
    with prefect_server(environment, tmp_path / "server") as address:
        own = environment | {"PREFECT_API_URL": address}
        with subprocess.Popen(
            [*command, *arguments], env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as run:
            assert run.stderr
            next(line for line in run.stderr if re.search(r", [1-9]\d* stored", line))
            _kill_listener(address)
            out, err = run.communicate(timeout=240)
    assert run.returncode == 0
    assert re.search(r"^rows +60 articles", out, re.MULTILINE), out
    assert sum("is gone" in line for line in err.splitlines()) <= 1
    other = [line for line in err.splitlines() if " read, " not in line and "is gone" not in line]
    assert other == []


def _kill_listener(url: str) -> None:
    """Kill the process that listens at an address of loopback, as the system's tables name it."""
    port = f"{int(url.removesuffix('/api').rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(row[9] for row in rows if row[1] == f"0100007F:{port}" and row[3] == "0A")
    for process in Path("/proc").glob("[0-9]*"):
        links = (process / "fd").glob("*") if os.access(process / "fd", os.R_OK) else ()
        if any(link.is_symlink() and str(link.readlink()) == f"socket:[{inode}]" for link in links):
            os.kill(int(process.name), signal.SIGKILL)
