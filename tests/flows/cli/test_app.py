"""The command line as a shell meets it: exit codes, streams, start-up."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Parley = Callable[..., subprocess.CompletedProcess[str]]

STORY = """Bộ trưởng Ngoại giao Lâm Vĩnh An tiếp khách tại Hà Nội

Ngày 12/3/2024, Bộ trưởng Ngoại giao Lâm Vĩnh An đã hội đàm với Ngoại trưởng Mỹ Daniel Whitmore tại Hà Nội.

"Chúng tôi coi trọng quan hệ song phương", ông Lâm Vĩnh An nói sau cuộc gặp.
"""


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "one.txt").write_text(STORY, encoding="utf-8")
    (folder / "two.txt").write_text(STORY.replace("Hà Nội", "Geneva"), encoding="utf-8")
    (folder / "void.txt").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def first_run(parley: Parley, articles: Path) -> tuple[subprocess.CompletedProcess[str], Path]:
    """One run with nothing prepared: Prefect starts a temporary server, as on a newcomer's machine."""
    lake = articles.parent / "new" / "lake"
    return parley("ingest", articles, articles / "gone.txt", "--lake", lake, "--source", "sổ tay"), lake


def test_a_run_without_a_server_ends_with_a_summary(
    first_run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    run, _ = first_run
    assert run.returncode == 0, run.stderr
    words = [line.split() for line in run.stdout.splitlines()]
    assert words[:5] == [["read", "4"], ["cleaned", "2"], ["rejected", "2"], ["empty", "1"], ["missing_path", "1"]]
    assert words[5][:3] == ["rows", "2", "articles,"]
    assert [line[0] for line in words[6:]] == ["seconds", "lake"]


def test_standard_error_says_what_it_waits_for_and_what_was_rejected(
    first_run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    lines = first_run[0].stderr.splitlines()
    assert lines[0].startswith("Starting Prefect (temporary server")
    assert [re.search(r"\((\w+)\)$", line)[1] for line in lines[1:3]] == ["empty", "missing_path"]  # type: ignore[index]
    assert lines[3:] == ["4 read, 2 stored, 2 rejected (100 %, 0 s left)"]


def test_the_rows_of_a_run_answer_questions(
    parley: Parley, first_run: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    query = "SELECT source, input LIKE '%.txt' AS file FROM articles"
    answer = parley("sql", query, "--lake", first_run[1], "--format", "json")
    assert json.loads(answer.stdout) == [{"source": "sổ tay", "file": True}] * 2
    assert parley("verify", "--lake", first_run[1]).returncode == 0


def test_strict_and_json(parley: Parley, articles: Path, tmp_path: Path, prefect_url: str) -> None:
    run = parley("ingest", articles, "--lake", tmp_path / "lake", "--strict", "--json", PREFECT_API_URL=prefect_url)
    summary = json.loads(run.stdout)
    assert (run.returncode, summary["read"], summary["rejected"]) == (1, 3, {"empty": 1})
    assert summary["source"] == articles.name
    assert not run.stderr


def test_a_server_that_does_not_answer_is_named(parley: Parley, articles: Path, tmp_path: Path) -> None:
    url = "http://127.0.0.1:9/api"
    run = parley("ingest", articles, "--lake", tmp_path / "lake", PREFECT_API_URL=url)
    assert run.returncode == 0
    assert f"No Prefect server answers at {url}" in run.stderr
    assert "This run goes on without it" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ingest"], "--contact is missing"),
        (["ingest", "gone-a", "gone-b"], "nothing to read: gone-a, gone-b"),
        (["ingest", "{here}", "--lake", "{here}/one.txt"], "is a file, not a lake"),
        (["ingest", "{here}", "--lake", "{here}"], "with other things in it"),
        (["ingest", "{here}", "--workers", "0"], "Must be >= 1"),
        (["ingest", "{here}", "--colour", "red"], "--colour"),
        (["digest"], "digest"),
    ],
)
def test_wrong_use_exits_with_2_and_says_why(parley: Parley, articles: Path, arguments: list[str], words: str) -> None:
    run = parley(*(argument.format(here=articles) for argument in arguments))
    assert (run.returncode, words in run.stderr) == (2, True), run.stderr
    assert "Traceback" not in run.stderr


def test_version_and_help(parley: Parley) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", parley("--version").stdout)
    overview = parley("--help").stdout
    assert all(
        f" {name} " in overview for name in ("ingest", "sql", "show", "sources", "verify", "status", "up", "down")
    )
    assert "parley show meetings --person" in overview
    assert "--strict" in parley("ingest", "--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["ingest", "--help"],
        ["sql", "--help"],
        ["sources", "list"],
        ["verify", "--lake", "gone"],
        ["status", "--lake", "gone"],
        ["up", "--help"],
    ],
)
def test_asking_does_not_import_prefect(command: list[str], arguments: list[str]) -> None:
    code = f"""
import runpy, sys
sys.argv = ["parley", *{arguments!r}]
try:
    runpy.run_module("flows.cli.app", run_name="__main__")
finally:
    sys.stdout.write("imported" if "prefect" in sys.modules else "clean")
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.endswith("clean")


COMMANDS = ["ingest", "show", "sql", "export", "explain", "verify", "maintain", "repair", "reextract", "diff", "status"]


@pytest.mark.parametrize("name", [*COMMANDS, "up", "sources", "sources list", "sources check"])
def test_the_help_of_a_command_has_examples_of_that_command_only(command: list[str], name: str) -> None:
    run = subprocess.run([*command, *name.split(), "--help"], capture_output=True, text=True)
    examples = re.findall(r"^ *(parley [\w-].*)$", run.stdout, re.MULTILINE)
    assert run.returncode == 0, run.stderr
    assert [example for example in examples if not example.startswith(f"parley {name}")] == []


ASCII = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}


def test_a_terminal_of_ascii_letters_gets_letters_without_accents(
    parley: Parley, first_run: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    lake = first_run[1]
    query = "SELECT DISTINCT text FROM quotes"
    table = parley("sql", query, "--lake", lake, **ASCII)
    assert (table.returncode, "Chung toi coi trong quan he song phuong" in table.stdout) == (0, True), table.stderr
    wrong = parley("sql", "SELECT 'Đ' FROM nơi_khác", "--lake", lake, **ASCII)
    assert (wrong.returncode, "noi_khac" in wrong.stderr) == (2, True), wrong.stderr
    for what in ("meetings", "quotes", "topics", "ledger"):
        assert parley("show", what, "--lake", lake, **ASCII).returncode == 0


def test_programs_get_utf_8_whatever_the_terminal_says(
    parley: Parley, first_run: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    query = "SELECT DISTINCT text FROM quotes"
    answer = parley("sql", query, "--lake", first_run[1], "--format", "json", **ASCII)
    assert json.loads(answer.stdout)[0]["text"].startswith("Chúng tôi")
