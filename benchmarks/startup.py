"""Seconds from the command to the first row, for the three ways to run: `python -m benchmarks.startup`.

A temporary server, a server that `parley up` started, and no Prefect at all (`--direct`). Each way is taken twice, the
first time with a Prefect home that is new; a row is stored when its file is there.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

STORY = """Bộ trưởng Ngoại giao Lâm Vĩnh An tiếp khách tại Hà Nội

Ngày 12/3/2024, Bộ trưởng Ngoại giao Lâm Vĩnh An đã hội đàm với Ngoại trưởng Mỹ Daniel Whitmore tại Hà Nội.
"""
PARLEY = [sys.executable, "-m", "flows.cli.app"]


def main() -> None:
    """Print one line of JSON: seconds by way, the first and the second time."""
    with tempfile.TemporaryDirectory(prefix="parley-start-") as name:
        folder = Path(name)
        (folder / "in").mkdir()
        (folder / "in" / "one.txt").write_text(STORY, "utf-8")
        own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        seconds = {"temporary server": _twice(folder, own | {"PREFECT_HOME": str(folder / "home1")}, [])}
        running = own | {"PREFECT_HOME": str(folder / "home2")}
        subprocess.run([*PARLEY, "up", "--port", "4290"], env=running, check=True, stdout=subprocess.DEVNULL)
        try:
            seconds["running server"] = _twice(folder, running, [])
        finally:
            subprocess.run([*PARLEY, "down"], env=running, check=True, stdout=subprocess.DEVNULL)
        seconds["direct"] = _twice(folder, own, ["--direct"])
    print(json.dumps(seconds))


def _twice(folder: Path, environment: dict[str, str], options: Sequence[str]) -> list[float]:
    return [_seconds(folder, environment, options) for _ in range(2)]


def _seconds(folder: Path, environment: dict[str, str], options: Sequence[str]) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        lake = Path(place) / "lake"
        command = [*PARLEY, "ingest", str(folder / "in"), "--lake", str(lake), "--json", *options]
        started = time.monotonic()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as run:
            while run.poll() is None and not any(lake.glob("articles/2*/*.parquet")):
                time.sleep(0.02)
            return round(time.monotonic() - started, 2)


if __name__ == "__main__":
    main()
