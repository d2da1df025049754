"""Parley without its checkout: what the wheel holds, and what it does in an environment of its own."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("flows", "tasks", "schemas", "seeds")
HOSTILE = "raise SystemExit('a file of the working folder was imported')\n"
Run = Callable[..., subprocess.CompletedProcess[str]]


def tracked_files(*folders: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy, so that the checkout stays as it is."""
    copy, folder = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("dist")
    for name in tracked_files(*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
    ]
    built = subprocess.run([*build, copy], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (file,) = folder.glob("parley_news-*.whl")
    return file


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == set(tracked_files(*PACKAGES))
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an empty environment into which the wheel was installed, with locked versions of what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    versions = [line.rstrip(" \\") for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line]
    (folder / "versions.txt").write_text("\n".join(versions))
    install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--constraint", folder / "versions.txt"]
    subprocess.run([*install, wheel], check=True, env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    return folder / "bin"


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder whose own modules have the names of our packages."""
    folder = tmp_path_factory.mktemp("hostile")
    for package in (*PACKAGES, "deployments"):
        (folder / f"{package}.py").write_text(HOSTILE)
    return folder


@pytest.fixture(scope="module")
def run(installed: Path, environment: dict[str, str], hostile_folder: Path) -> Run:
    """Runs a command of the new environment in the hostile folder; it must succeed."""
    own = {name: value for name, value in environment.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}

    def run(command: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [installed / command, *map(str, arguments)],
            cwd=hostile_folder,
            env=own | variables,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run


@pytest.mark.long
def test_an_installed_parley_helps_and_knows_its_sources(run: Run) -> None:
    assert "who met whom" in run("parley", "--help").stdout
    assert "vnexpress" in run("parley", "sources", "list").stdout
    assert "Keep schedules" in run("parley", "serve", "--help").stdout


@pytest.mark.long
@pytest.mark.parametrize("mode", [["--direct"], []], ids=["direct", "prefect"])
def test_an_installed_parley_reads_the_sample_articles(
    run: Run, installed: Path, mode: list[str], tmp_path: Path
) -> None:
    """Its worker processes, and those of Prefect, take our packages and not those of the working folder."""
    samples = run("python", "-P", "-c", "from seeds import SEEDS; print(SEEDS / 'articles')").stdout.strip()
    assert Path(samples).is_relative_to(installed.parent)
    told = run("parley", "ingest", samples, "--lake", tmp_path / "lake", *mode)
    assert "16" in told.stdout + told.stderr
    assert "Putin" in run("parley", "show", "meetings", "--lake", tmp_path / "lake").stdout
    run("parley", "verify", "--lake", tmp_path / "lake")
