"""A lake under fire: writers are killed, others go on, and nobody may ever see a row too many or a row too few.

    make torture                              500 kills, four processes at once, ten minutes
    make torture TORTURE="--seconds 30 --kills 60"

Processes append, extract anew, maintain and query one lake. Writers are killed, some at a step of a write (each step
in turn), the others at a random moment, and started again. At the end the lake must hold what the last
writer of each article wrote and nothing else, as it would had they written one after the other. Exit code: 0 nothing
lost, doubled or seen in part; 1 otherwise.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from torture.jobs import SETTINGS, reported, run_job
from torture.story import Seen, look, versions

from lake_problems import find_problems
from tasks.lake import create_lake, maintain_lake

WRITERS = ("append", "reextract", "maintain")
DOOMED = {"append": 0.6, "reextract": 0.6, "maintain": 0.3}
"""How often who is started again is to die at a step. Compaction takes longest, and must come to an end at times."""
STEPS = 100
"""More than an append (five files) or a small compaction takes."""
WRONG = ("rows lost", "rows doubled", "partial batches seen", "wrong at the end")
CONTEXT = get_context("forkserver")


@dataclass(slots=True)
class Worker:
    """A process that is replaced when it dies."""

    job: str
    process: ForkServerProcess
    doomed: bool = False
    """It kills itself at some step."""


class Fire:
    """The processes, and who of them dies next."""

    def __init__(self, folder: Path, processes: int, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._steps: defaultdict[str, count[int]] = defaultdict(count)
        jobs = (*WRITERS, "query")
        self._workers = [self._start(jobs[number % len(jobs)]) for number in range(processes)]
        self.kills = 0

    def replace_dead(self) -> None:
        """Start another one for each that died; some will die at the next step in turn."""
        for index, worker in enumerate(self._workers):
            if not worker.process.is_alive():
                if worker.process.exitcode != -signal.SIGKILL:
                    raise RuntimeError(f"{worker.job} ended with {worker.process.exitcode}")
                self.kills += 1
                self._workers[index] = self._start(worker.job, doomed=self._chance.random() < DOOMED[worker.job])

    def kill_one(self) -> None:
        """Kill a writer at a random moment; those who will do it themselves are left to it."""
        candidates = [worker for worker in self._workers if worker.job in WRITERS and not worker.doomed]
        weights = [0.2 if worker.job == "maintain" else 1.0 for worker in candidates]
        if candidates:
            (victim,) = self._chance.choices(candidates, weights)
            os.kill(victim.process.pid or 0, signal.SIGKILL)
            victim.doomed = True  # until it is known to be dead

    def stop(self) -> None:
        """Let everybody finish."""
        (self._folder / "stop").touch()
        for worker in self._workers:
            worker.process.join()

    def _start(self, job: str, *, doomed: bool = False) -> Worker:
        dies_at = next(self._steps[job]) % STEPS if doomed else None
        process = CONTEXT.Process(target=run_job, args=(job, self._folder, self._chance.randrange(2**32), dies_at))
        process.start()
        return Worker(job, process, doomed)


def torture(folder: Path, seconds: float, kills: int, processes: int, seed: int) -> dict[str, int]:
    """Set a lake in an empty folder under fire; gives what happened, by name."""
    create_lake(folder / "lake")
    CONTEXT.set_forkserver_preload(["torture.jobs"])
    fire, started = Fire(folder, processes, seed), time.monotonic()
    try:
        while (spent := time.monotonic() - started) < seconds or fire.kills < kills:
            fire.replace_dead()
            if fire.kills < min(kills, kills * spent / seconds):
                fire.kill_one()
            time.sleep(0.05)
    finally:
        fire.stop()
    return _figures(folder, fire.kills)


def _figures(folder: Path, kills: int) -> dict[str, int]:
    written, known = list(reported(folder)), versions(reported(folder))
    counted: Counter[str] = Counter()
    for log in folder.glob("*.log"):
        for line in log.read_text().splitlines():
            if line.startswith("{") and line.endswith("}"):
                counted[log.name.partition("-")[0]] += 1
                counted.update({name: number for name, number in json.loads(line).items() if name != "why"})
    end = _end(folder)
    broken = sum(problem.row is None for problem in find_problems(folder / "lake"))
    return {
        "kills": kills,
        "batches": len(written),
        "queries": counted["query"],
        "maintain runs ended": counted["ended"],
        "compacted batches": counted["made"],
        "files deleted": counted["deleted_files"],
        "told to try again": counted["told"],
        "rows lost": counted["lost"] + end.lost,
        "rows doubled": counted["doubled"] + end.doubled,
        "partial batches seen": counted["partial"] + end.partial,
        "wrong at the end": broken + sum(end.stories.get(story, (0, 0)) < version for story, version in known.items()),
    }


def _end(folder: Path) -> Seen:
    """What is there when all have stopped: the same before and after all that may go is gone."""
    before, later = look(folder / "lake"), datetime.now(UTC) + timedelta(days=2)
    for _ in range(2):
        maintain_lake(folder / "lake", SETTINGS, clock=lambda: later, tell=lambda _done, _total: None)
    after = look(folder / "lake")
    after.partial += before.partial + (before.stories != after.stories)
    after.lost += before.lost
    after.doubled += before.doubled
    return after


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1, help="of who is killed when; what follows is not repeatable")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Run, print what happened, and say whether all is well."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        figures = torture(Path(folder), options.seconds, options.kills, options.processes, options.seed)
    lines = [f"{name:<24}{number:>10,}" for name, number in figures.items()]
    sys.stdout.write((json.dumps(figures) if options.json else "\n".join(lines)) + "\n")
    return int(any(figures[name] for name in WRONG))


if __name__ == "__main__":
    sys.exit(main())
