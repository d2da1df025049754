"""A short form of ``make torture``."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FINDABLE = os.environ | {"PYTHONPATH": str(TESTS)}
"""From the root, not from here: the folder `tasks` of the tests would stand before the package."""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with signals")
@pytest.mark.long
def test_a_lake_under_fire_never_shows_a_row_too_many_or_too_few() -> None:
    command = [sys.executable, "-m", "torture", "--seconds", "10", "--kills", "15", "--json"]
    run = subprocess.run(command, cwd=TESTS.parent, env=FINDABLE, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    figures = json.loads(run.stdout)
    assert figures["kills"] >= 15
    assert figures["batches"] > 0
    assert figures["queries"] > 0
    wrong = ("rows lost", "rows doubled", "partial batches seen", "wrong at the end")
    assert {name: figures[name] for name in wrong} == dict.fromkeys(wrong, 0)


def test_the_torture_can_fail() -> None:
    """Rows that are lost, doubled or of two versions are seen as what they are."""
    code = """
import sys, tempfile
from dataclasses import replace
from pathlib import Path
from torture.story import look, make_story, now
from tasks.lake import append_batch, create_lake
whole = make_story(1, (now(), now()), "b1")
assert whole.quotes and whole.meetings and whole.topics
for change in (
    {},
    {"quotes": whole.quotes[1:]},
    {"quotes": whole.quotes[1:] + (whole.quotes[1],)},
    {"meetings": tuple(replace(row, rule="1 1") for row in whole.meetings)},
    {"articles": whole.articles[1:], "quotes": (), "meetings": (), "topics": ()},
    {"rejects": ()},
):
    with tempfile.TemporaryDirectory() as folder:
        create_lake(Path(folder) / "lake")
        append_batch(Path(folder) / "lake", replace(whole, **change), written_at=whole.extracted_at)
        seen = look(Path(folder) / "lake")
        print(seen.lost > 0, seen.doubled > 0, seen.partial > 0)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=TESTS.parent, env=FINDABLE, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [
        "False False False",
        "True False False",
        "True True False",
        "False False True",
        "True False True",
        "True False False",
    ]
