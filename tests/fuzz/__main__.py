"""Mutated articles through cleaning and extraction: whatever a text looks like, no exception and no wrong offset.

    make fuzz                       100,000 texts; half an hour on two processors
    make fuzz FUZZ="--texts 2000"

Every text is read by two processes with different hash seeds, which take the texts in opposite orders. Exit code: 0 all
is well; 1 otherwise, with the numbers of the texts: ``--only NUMBER`` shows one of them.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from fuzz.examine import Outcome, examine
from fuzz.mutations import make_mutant

HASH_SEEDS = ("1", "2")
MOST_SHOWN = 20


def main() -> int:
    options = read_options()
    if options.only is not None:
        return show_one(options.only, options.seed)
    if options.reader is not None:
        read_texts(options.texts, options.seed, backwards=options.reader == HASH_SEEDS[1])
        return 0
    readers = [start_reader(options.texts, options.seed, hash_seed) for hash_seed in HASH_SEEDS]
    with ThreadPoolExecutor(len(readers)) as threads:
        forwards, backwards = threads.map(collect_outcomes, readers)
    problems = list(compare(forwards, backwards, options.texts))
    figures = summarize(forwards, problems)
    write(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))
    sys.stderr.writelines(f"{problem}\n" for problem in problems[:MOST_SHOWN])
    return 1 if problems else 0


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=int, default=100_000, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="another one gives other texts")
    parser.add_argument("--only", type=int, help="show one text and what comes of it")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    return parser.parse_args()


def show_one(number: int, seed: int) -> int:
    mutant = make_mutant(number, seed)
    outcome = examine(mutant)
    write(f"{mutant.body.decode('utf-8', 'backslashreplace')}\n\n{outcome}")
    return 1 if outcome.problems else 0


def start_reader(texts: int, seed: int, hash_seed: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fuzz", "--texts", str(texts), "--seed", str(seed), "--reader", hash_seed]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def read_texts(texts: int, seed: int, *, backwards: bool) -> None:
    """Print what comes of each text, one a line."""
    numbers = range(texts)
    examine(make_mutant(1, seed))  # loads the language packs, which is no text's time
    for number in reversed(numbers) if backwards else numbers:
        write(json.dumps(asdict(examine(make_mutant(number, seed)))))


def collect_outcomes(reader: subprocess.Popen[str]) -> dict[int, Outcome]:
    assert reader.stdout is not None
    found = {}
    for line in reader.stdout:
        fields = json.loads(line)
        outcome = Outcome(**fields | {"problems": tuple(fields["problems"])})
        found[outcome.number] = outcome
    reader.wait()
    return found


def compare(forwards: dict[int, Outcome], backwards: dict[int, Outcome], texts: int) -> Iterator[str]:
    for number in range(texts):
        one, other = forwards.get(number), backwards.get(number)
        if one is None or other is None:
            yield f"text {number}: the process that read it has died"
        elif one.problems or other.problems:
            yield f"text {number}: {'; '.join(one.problems or other.problems)}"
        elif one.digest != other.digest:
            yield f"text {number}: gives other rows under another hash seed"


def summarize(outcomes: dict[int, Outcome], problems: list[str]) -> dict[str, float]:
    seconds = sorted(outcome.seconds for outcome in outcomes.values())
    return {
        "texts": len(outcomes),
        "with rows": sum(outcome.rows > 0 for outcome in outcomes.values()),
        "rows": sum(outcome.rows for outcome in outcomes.values()),
        "median milliseconds": round(1000 * seconds[len(seconds) // 2], 1) if seconds else 0,
        "longest milliseconds": round(1000 * seconds[-1], 1) if seconds else 0,
        "problems": len(problems),
    }


if __name__ == "__main__":
    sys.exit(main())
