"""Every way in which a list of links or an archive can fail is explained."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READERS = ("links/feeds", "links/selection", "links/sitemaps", "warc/pages", "warc/records")


@pytest.mark.parametrize("reader", READERS)
def test_every_code_of_a_reader_is_documented(reader: str) -> None:
    code = (ROOT / "tasks" / "read" / f"{reader}.py").read_text(encoding="utf-8")
    raised = set(re.findall(r'(?:RejectArticle\(\s*|\bcode=)"(\w+)"', code))
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8"), re.MULTILINE)
    explained = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert raised
    assert raised <= explained
