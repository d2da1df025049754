"""Measure how dense the code is, room by room: branches, complexity, one-word private names, long lines.

    python -m benchmarks.readability                     every room of flows, tasks and schemas
    python -m benchmarks.readability tasks/quotes        one room, and its functions above the complexity limit

No gate: the figures show where a reader has to slow down.

- A branch is an ``if``, a loop, an ``except``, a ``case``, a conditional expression, a comprehension's ``for`` and
  ``if``, and each further operand of ``and`` and ``or``. Branches are counted per ten lines of code in functions, so
  that tables of constants do not make a room look simple; comments and docstrings are no code.
- A function's complexity is one more than its branches; a function inside another one counts for itself.
- A private name has one word if no underscore divides it: ``_read``, not ``_read_feed``.
"""

import argparse
import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("flows", "tasks", "schemas")
LINGUISTIC_CORE = {"tasks/mentions", "tasks/meetings", "tasks/quotes"}
"""Rooms whose density is looked at on its own: language has many exceptions."""
MAX_COMPLEXITY = 10
MAX_COLUMNS = 100

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class FunctionMeasure:
    """One function or method."""

    place: str
    """File and line, as an editor opens it."""
    name: str
    complexity: int

    @property
    def is_private(self) -> bool:
        """Return True if the name begins with an underscore and is none of Python's own."""
        return self.name.startswith("_") and not self.name.startswith("__")

    @property
    def has_one_word(self) -> bool:
        """Return True if no underscore divides the name."""
        return "_" not in self.name.strip("_")


@dataclass(frozen=True, slots=True)
class FileMeasure:
    """One file of code."""

    room: str
    """The folder, from the root of the project."""
    lines: int
    long_lines: int
    code_lines: int
    """Of functions, from the signature on."""
    branches: int
    functions: tuple[FunctionMeasure, ...]


def main() -> None:
    """Print a table with a line for each room, and totals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="folders or files; by default the three packages")
    paths = [path.resolve() for path in parser.parse_args().paths]
    files = [measure_file(file) for file in _find_files(paths or [ROOT / package for package in PACKAGES])]
    _print_table(files)
    complex_functions = [function for function in _functions_of(files) if function.complexity > MAX_COMPLEXITY]
    if paths:
        for function in sorted(complex_functions, key=lambda one: -one.complexity):
            print(f"{function.complexity:4}  {function.name}  {function.place}")


def measure_file(file: Path) -> FileMeasure:
    """Measure one file of Python."""
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    path = file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else str(file)
    lines = text.splitlines()
    return FileMeasure(
        room=path.rpartition("/")[0],
        lines=len(lines),
        long_lines=sum(1 for line in lines if len(line) > MAX_COLUMNS),
        code_lines=len((_code_lines(text) & _function_lines(tree)) - _docstring_lines(tree)),
        branches=sum(_count_branches(node) for node in ast.walk(tree)),
        functions=tuple(_measure_functions(tree, path)),
    )


def _find_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _code_lines(text: str) -> set[int]:
    """Numbers of the lines that a token of code touches; a text over several lines touches them all."""
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        number for token in tokens if token.type not in layout for number in range(token.start[0], token.end[0] + 1)
    }


def _function_lines(tree: ast.Module) -> set[int]:
    """Numbers of the lines from a function's signature to its end."""
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    return {number for one in functions for number in range(one.lineno, (one.end_lineno or one.lineno) + 1)}


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Numbers of the lines of docstrings, and of texts that stand below a constant or a field to explain it."""
    texts = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return {number for text in texts for number in range(text.lineno, (text.end_lineno or text.lineno) + 1)}


def _measure_functions(tree: ast.Module, path: str) -> Iterator[FunctionMeasure]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            branches = sum(_count_branches(part) for part in _own_nodes(node))
            yield FunctionMeasure(place=f"{path}:{node.lineno}", name=node.name, complexity=branches + 1)


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Walk a function without the functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Function | ast.ClassDef):
            yield node
            waiting += ast.iter_child_nodes(node)


def _count_branches(node: ast.AST) -> int:
    match node:
        case ast.If() | ast.IfExp() | ast.For() | ast.AsyncFor() | ast.While() | ast.ExceptHandler() | ast.match_case():
            return 1
        case ast.BoolOp():
            return len(node.values) - 1
        case ast.comprehension():
            return 1 + len(node.ifs)
        case _:
            return 0


def _functions_of(files: Iterable[FileMeasure]) -> list[FunctionMeasure]:
    return [function for file in files for function in file.functions]


def _print_table(files: list[FileMeasure]) -> None:
    rooms: defaultdict[str, list[FileMeasure]] = defaultdict(list)
    for file in files:
        rooms[file.room].append(file)
    print(f"{'room':28} {'code lines':>10} {'branches/10':>11} {'complex':>8} {'one-word':>9} {'long lines':>10}")
    for room, members in sorted(rooms.items()):
        _print_row(room, members)
    core = [file for file in files if _in_core(file)]
    rest = [file for file in files if not _in_core(file)]
    if core and rest:
        print()
        _print_row("mentions, meetings, quotes", core)
        _print_row("the rest", rest)
        _print_row("all", files)


def _in_core(file: FileMeasure) -> bool:
    """Return True if the file is in one of the linguistic rooms, or in a folder of theirs."""
    return any(file.room == room or file.room.startswith(f"{room}/") for room in LINGUISTIC_CORE)


def _print_row(title: str, files: list[FileMeasure]) -> None:
    code_lines = sum(file.code_lines for file in files)
    functions = _functions_of(files)
    private = [function for function in functions if function.is_private]
    one_word = sum(function.has_one_word for function in private)
    complex_functions = sum(function.complexity > MAX_COMPLEXITY for function in functions)
    density = 10 * sum(file.branches for file in files) / max(1, code_lines)
    long_lines = sum(file.long_lines for file in files) / max(1, sum(file.lines for file in files))
    print(
        f"{title:28} {code_lines:10} {density:11.1f} {complex_functions:8} {one_word / max(1, len(private)):9.0%} "
        f"{long_lines:10.1%}"
    )


if __name__ == "__main__":
    main()
