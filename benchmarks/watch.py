"""Reading newspapers on loopback: articles per second, the least pause of any host, peak memory; then a second run.

    python -m benchmarks.watch --hosts 20 --articles 100 --interval 0.05
    python -m benchmarks.watch --kills 10              # then also a lake whose runs are killed, against that of one run

The newspapers are those of ``tests/outlet``, in a process of their own.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.memory import PeakMemory
from schemas.settings import IngestSettings
from tasks.lake import run_query

DEFAULTS = IngestSettings()
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Start the newspapers, read them twice, and once more with kills; print what the server and the lake say."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="parley-watch-") as folder, _newspapers(Path(folder), options) as world:
        clean = Path(folder) / "lake"
        for number in ("First", "Second"):
            _read(number, clean, world)
        _rates(world.address, options.interval)
        if options.kills:
            killed = Path(folder) / "killed"
            _kill(options.kills, killed, world, options.hosts * options.articles // DEFAULTS.batch_size)
            _read("Last", killed, world)
            _compare(clean, killed)


@dataclass(frozen=True, slots=True)
class _World:
    """Newspapers that are there."""

    address: str
    catalogue: Path
    allowed_hosts: list[str]

    def command(self, lake: Path) -> list[str]:
        """What reads all of them."""
        hosts = [part for host in self.allowed_hosts for part in ("--allow-host", host)]
        command = [sys.executable, "-m", "flows.cli.app", "ingest", "--direct", "--json", "--lake", str(lake), *hosts]
        return [*command, "--catalogue", str(self.catalogue), "--contact", "bench@outlet.test"]


@contextmanager
def _newspapers(folder: Path, options: argparse.Namespace) -> Iterator[_World]:
    catalogue = folder / "sources"
    command = [sys.executable, "-m", "outlet", "--hosts", str(options.hosts), "--articles", str(options.articles)]
    command += ["--catalogue", str(catalogue), "--interval", str(options.interval)]
    command += ["--connections", str(options.connections)]
    with subprocess.Popen(command, cwd=ROOT / "tests", stdout=subprocess.PIPE, text=True) as outlet:
        try:
            assert outlet.stdout
            about = json.loads(outlet.stdout.readline())
            yield _World(about["address"], catalogue, about["allowed_hosts"])
        finally:
            outlet.terminate()


def _kill(times: int, lake: Path, world: _World, batches: int) -> None:
    """Kill a run after some of the batches that all of them come to, so many times; the last one finds some left."""
    chance = random.Random(times)
    for number in range(times):
        with subprocess.Popen(world.command(lake), stdout=subprocess.DEVNULL) as run:
            wanted = _batches(lake) + chance.randint(1, max(1, batches // times - 1))
            while run.poll() is None and _batches(lake) < wanted:
                time.sleep(0.02)
            time.sleep(chance.random())  # anywhere within a batch
            ended = " (it had ended by itself)" if run.poll() is not None else ""
            run.kill()
        print(f"Kill {number + 1} of {times}: {_batches(lake)} batches are there{ended}", flush=True)


def _batches(lake: Path) -> int:
    return sum(1 for file in lake.glob("articles/*/*.parquet") if file.parent.name != "empty")


def _compare(clean: Path, killed: Path) -> None:
    """Whether two lakes hold the same rows, but for names of batches and times of reading."""
    own = "batch_id, run_id, written_at, extracted_at, fetched_at, near_duplicate_of"
    for table in ("articles", "meetings", "quotes", "topics"):
        query = f"SELECT * EXCLUDE ({own if table == 'articles' else 'batch_id'}) FROM {table} ORDER BY ALL"
        one, other = (run_query(lake, query) for lake in (clean, killed))
        assert one
        assert other
        rows, others = list(one.rows), list(other.rows)
        print(f"{table}: {len(rows)} rows of one run, {len(others)} of the killed ones, the same: {rows == others}")


def _read(number: str, lake: Path, world: _World) -> None:
    started = time.monotonic()
    run = subprocess.Popen(world.command(lake), stdout=subprocess.PIPE, text=True)
    with PeakMemory(run.pid).watching() as memory:
        summary = json.loads(run.communicate()[0])
    seconds = time.monotonic() - started
    rows = run_query(lake, "SELECT count(*) FROM articles")
    assert rows
    rejected, stored = sum(summary["rejected"].values()), next(rows.rows)[0]
    print(
        f"{number} run: {summary['read']} read, {rejected} rejected, {stored} stored in all, "
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
    parser.add_argument("--kills", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
