"""Write ``docs/tables.md`` and the answers of ``docs/cookbook.md`` anew, in the checkout this is run from."""

import sys
import tempfile
from pathlib import Path

from docs.generate.cookbook import answer_questions
from docs.generate.samples import DOCS, fill_lake
from docs.generate.tables import describe_tables


def main() -> None:
    """Write both pages and say which of them changed."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        fill_lake(lake)
        _write_page(DOCS / "tables.md", describe_tables(lake))
        cookbook = DOCS / "cookbook.md"
        _write_page(cookbook, answer_questions(cookbook.read_text(encoding="utf-8"), lake))


def _write_page(path: Path, text: str) -> None:
    changed = not path.exists() or path.read_text(encoding="utf-8") != text
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{path.name}: {'written anew' if changed else 'no change'}\n")


if __name__ == "__main__":
    main()
