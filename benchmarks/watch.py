"""Reading newspapers on loopback: articles per second, the least pause of any host, peak memory; then a second run.

    python -m benchmarks.watch --hosts 20 --articles 100 --interval 0.05

The newspapers are those of ``tests/outlet``, in a process of their own.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from benchmarks.memory import PeakMemory
from tasks.lake import run_query

ROOT = Path(__file__).parents[1]
SOURCE = """
name = "{host}"
language = "vi"
country = "VN"
kind = "national"
homepage = "http://{address}"
hosts = ["{host}"]
feeds = ["http://{address}/feed-all.xml"]
note = "On loopback."
[politeness]
seconds_between_requests = {interval}
connections = {connections}
"""


def main() -> None:
    """Start the newspapers, read them twice, print what the server and the lake say."""
    options = _options()
    command = [sys.executable, "-m", "outlet", "--hosts", str(options.hosts), "--articles", str(options.articles)]
    with (
        tempfile.TemporaryDirectory(prefix="parley-watch-") as folder,
        subprocess.Popen(command, cwd=ROOT / "tests", stdout=subprocess.PIPE, text=True) as outlet,
    ):
        try:
            assert outlet.stdout
            world = json.loads(outlet.stdout.readline())
            catalogue = _catalogue(Path(folder), world["feeds"], options)
            for number in ("First", "Second"):
                _read(number, catalogue, Path(folder) / "lake", world)
            _rates(world["address"], options.interval)
        finally:
            outlet.terminate()


def _catalogue(folder: Path, feeds: list[str], options: argparse.Namespace) -> Path:
    catalogue = folder / "sources"
    catalogue.mkdir()
    for feed in feeds:
        address = feed.split("/")[2]
        host = address.split(":")[0]
        text = SOURCE.format(host=host, address=address, interval=options.interval, connections=options.connections)
        (catalogue / f"{host.split('.')[0]}.toml").write_text(text, encoding="utf-8")
    return catalogue


def _read(number: str, catalogue: Path, lake: Path, world: dict[str, str]) -> None:
    hosts = [part for host in world["allowed_hosts"] for part in ("--allow-host", host)]
    command = [sys.executable, "-m", "flows.cli", "ingest", "--direct", "--json", "--lake", str(lake), *hosts]
    command += ["--catalogue", str(catalogue), "--contact", "bench@outlet.test"]
    started = time.monotonic()
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with PeakMemory(run.pid).watching() as memory:
        summary = json.loads(run.communicate()[0])
    seconds = time.monotonic() - started
    rows = run_query(lake, "SELECT count(*) FROM articles")
    assert rows
    print(
        f"{number} run: {summary['read']} read, {summary['rejected']} rejected, {next(rows.rows)[0]} stored in all, "
        f"{summary['read'] / seconds:.1f} articles/s, peak {memory.run_mb:.0f} MB",
        flush=True,
    )


def _rates(address: str, interval: float) -> None:
    with urllib.request.urlopen(f"http://{address}/visits") as answer:
        visits = [json.loads(line) for line in answer.read().splitlines()]
    times: defaultdict[str, list[float]] = defaultdict(list)
    for visit in visits:
        times[visit["host"]].append(visit["at"])
    gaps = [later - earlier for one in times.values() for earlier, later in pairwise(sorted(one))]
    stories = [visit["host"] + visit["path"] for visit in visits if re.search(r"/tin/", visit["path"])]
    print(
        f"{len(visits)} requests to {len(times)} hosts; least pause of any host {min(gaps):.3f} s, allowed {interval} s"
    )
    print(f"{len(stories)} requests for articles, {len(stories) - len(set(stories))} of them repeated")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--articles", type=int, default=100, help="of each host")
    parser.add_argument("--interval", type=float, default=0.05, help="seconds between requests to a host")
    parser.add_argument("--connections", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
