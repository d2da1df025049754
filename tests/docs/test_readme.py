"""Every command of the READMEs runs over the sample articles and finds something; what needs the web is only read."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate.samples import fill_lake
from flows.cli.app import app

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.vi.md")
PROGRAM = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?parley ")
NEEDS_THE_WEB = re.compile(r"parley (ingest --every|sources check)")


def _code_blocks(readme: str) -> list[list[str]]:
    """Return the indented blocks, each as its lines."""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
    return [[line[4:] for line in block.splitlines() if line.strip()] for block in blocks]


def _commands(readme: str) -> Iterator[tuple[str, list[str]]]:
    """Return every command of the blocks, with the lines that follow it as its answer."""
    for block in _code_blocks(readme):
        lines = iter(block)
        found: list[tuple[str, list[str]]] = []
        for line in lines:
            if PROGRAM.match(line):
                command = PROGRAM.sub("parley ", line)
                while command.count('"') % 2:  # a query over several lines
                    command += "\n" + next(lines)
                found.append((command, []))
            elif found:
                found[-1][1].append(line)
        yield from found


COMMANDS = [(readme, command, answer) for readme in READMES for command, answer in _commands(readme)]
INLINE = [
    (readme, command)
    for readme in READMES
    for command in re.findall(r"`(parley [^`]+)`", (ROOT / readme).read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def checkouts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder as after `make demo`, for each README."""
    lake = tmp_path_factory.mktemp("samples") / "lake"
    fill_lake(lake)
    folders = {readme: tmp_path_factory.mktemp("checkout") for readme in READMES}
    for folder in folders.values():
        shutil.copytree(lake, folder / "demo-lake")
        (folder / "seeds").symlink_to(ROOT / "seeds")
    return folders


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_has_commands(readme: str) -> None:
    assert len([one for one in COMMANDS if one[0] == readme]) >= 12


@pytest.mark.parametrize(("readme", "command", "answer"), COMMANDS)
def test_a_command_runs_and_finds_something(
    readme: str,
    command: str,
    answer: list[str],
    checkouts: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(checkouts[readme])
    monkeypatch.setenv("PARLEY_CONTACT", "https://example.org/about-us")
    monkeypatch.setenv("COLUMNS", "100")
    words = shlex.split(command, comments=True)[1:]
    if NEEDS_THE_WEB.match(command):
        app.parse_args(words, exit_on_error=False, print_error=False)
        return
    code = app(words, exit_on_error=False, result_action="return_value")
    printed = capsys.readouterr()
    assert code in (None, 0)
    assert printed.out.strip(), printed.err
    assert "0 rows" not in printed.err
    if answer:
        shown = re.sub(r"\b(id|mã) \w{16}\b", "id …", printed.out + printed.err)
        for line in answer:
            assert re.sub(r"\b(id|mã) \w{16}\b", "id …", line).strip() in shown


@pytest.mark.parametrize(("readme", "command"), INLINE)
def test_a_command_in_prose_exists(readme: str, command: str) -> None:
    words = [word for word in shlex.split(command)[1:] if word != "…"]
    if words[-1] != "--help":
        app.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("readme", READMES)
def test_what_a_readme_names_is_there(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), target
    for path in re.findall(r"`((?:flows|tasks|schemas|seeds|deployments|docs|tests)/[\w/.*-]*)`", text):
        assert any(ROOT.glob(path)), path
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^    |`)make ([a-z-]+)", text, re.MULTILINE)) <= targets


def test_both_readmes_have_the_same_commands_and_places() -> None:
    def commands(readme: str) -> list[str]:
        words = [shlex.split(command, comments=True) for one, command, _ in COMMANDS if one == readme]
        return [shlex.join(word for word in some if word not in ("--lang", "vi")) for some in words]

    assert commands("README.md") == commands("README.vi.md")
    places = [re.findall(r"^\| .*? \| (.*)\|$", (ROOT / one).read_text("utf-8"), re.MULTILINE) for one in READMES]
    paths = [re.findall(r"`[^`]+`", " ".join(lines)) for lines in places]
    assert paths[0] == paths[1]
