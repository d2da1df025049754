"""Lead and body against the hand-marked body of real articles, where those are at hand."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.articles import Page, Sidecar
from schemas.settings import CleanLimits
from tasks.clean import clean_page

SHARED = Path(__file__).parents[3] / ".." / "shared"
GOLD = sorted((SHARED / "gold" / "seeds").glob("*.json"))


@pytest.mark.skipif(not GOLD, reason="the annotated articles are not part of this repository")
@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem[:3])
def test_lead_and_body_are_the_marked_body(path):
    gold = json.loads(path.read_text("utf-8"))
    raw = (SHARED / "seeds" / gold["document"]).read_text("utf-8")
    page = Page(input="x.txt", media="text", body=raw.encode(), sidecar=Sidecar(), fetched_at=datetime.now(UTC))
    article = clean_page(page, limits=CleanLimits(), languages=("vi", "en"))
    read = [article.text[b.start : b.end].strip() for b in article.blocks if b.kind in ("lead", "body")]
    marked = " ".join(raw[gold["body_start"] : gold["body_end"]].split())
    cut = [" ".join(raw[span["start"] : span["end"]].split()) for span in gold["boilerplate"]]
    assert [part for part in read if part not in marked] == []
    assert [part for part in read if any(part in span for span in cut)] == []
    left = marked
    for part in [*read, *cut]:
        left = left.replace(part, "", 1)
    headings = [article.text[b.start : b.end] for b in article.blocks if b.kind == "subhead"]
    for heading in headings:
        left = left.replace(heading, "", 1)
    assert left.split() == []
