"""How good the rows are against hand-made annotations, where those stand beside the checkout."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.articles import Page
from schemas.settings import CleanLimits
from tasks.clean import clean_page
from tasks.lake import Batch, append_batch, create_lake
from tasks.linking import join_rows
from tasks.meetings import find_meetings
from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes
from tasks.read.files import read_files
from tasks.topics import find_topics

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TEXTS = {"seeds": SHARED / "seeds", "news": SHARED / "gold" / "news", "unread": SHARED / "gold" / "unread"}
# A little below what was measured last: the articles of `unread` are scored, never read by those who write rules.
LEAST = {
    "seeds": {
        ("quotes_direct", "attributed_f1"): 0.95,
        ("quotes_quoted", "attributed_f1"): 0.85,
        ("quotes_indirect", "attributed_f1"): 0.75,
        ("meetings", "f1"): 0.90,
        ("meetings_strict", "f1"): 0.85,
    },
    "news": {
        ("quotes_direct", "attributed_f1"): 0.91,
        ("quotes_quoted", "attributed_f1"): 0.89,
        ("quotes_indirect", "attributed_f1"): 0.84,
        ("quotes_all", "speaker_accuracy"): 0.95,
        ("meetings", "f1"): 0.73,
        ("meetings_strict", "f1"): 0.50,
        ("meetings", "status_accuracy"): 0.95,
    },
    "unread": {
        ("quotes_direct", "attributed_f1"): 0.88,
        ("quotes_quoted", "attributed_f1"): 0.72,
        ("quotes_indirect", "attributed_f1"): 0.64,
        ("quotes_all", "speaker_accuracy"): 0.85,
        ("meetings", "f1"): 0.61,
        ("meetings_strict", "f1"): 0.38,
        ("meetings", "status_accuracy"): 0.79,
    },
}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no annotations at {SHARED.name}/ beside the checkout")


def fill(lake: Path, texts: Path) -> None:
    now = datetime.now(UTC)
    pages = [page for page in read_files([texts], now=now, limits=CleanLimits()) if isinstance(page, Page)]
    articles = [clean_page(page, limits=CleanLimits(), languages=("en", "vi")) for page in pages]
    rows = [
        join_rows(document, find_meetings(document), find_quotes(document), find_topics(document))
        for document in map(annotate, articles)
    ]
    create_lake(lake)
    batch = Batch(
        batch_id="gold", run_id="gold", extracted_at=now, articles=tuple(articles),
        meetings=tuple(row for found, _, _ in rows for row in found),
        quotes=tuple(row for _, found, _ in rows for row in found),
        topics=tuple(row for _, _, found in rows for row in found),
        rejects=(), extractor="test",
    )  # fmt: skip
    append_batch(lake, batch, written_at=now)


@pytest.fixture(scope="module", params=sorted(TEXTS))
def scores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    lake = tmp_path_factory.mktemp("gold") / "lake"
    fill(lake, TEXTS[request.param])
    command = [sys.executable, str(SHARED / "gold" / "score.py"), str(SHARED / "gold" / request.param), str(lake)]
    parley = f"{sys.executable} -m flows.cli.app"
    done = subprocess.run(
        [*command, "--json", "--parley", parley], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return request.param, json.loads(done.stdout)


def test_every_annotated_document_is_in_the_lake(scores):
    _, score = scores
    assert score["documents"] > 0
    assert score["not_in_lake"] == []


def test_rows_are_as_good_as_we_say(scores):
    name, score = scores
    short = {key: score[key[0]][key[1]] for key, least in LEAST[name].items() if score[key[0]][key[1]] < least}
    assert short == {}


def test_no_date_is_invented(scores):
    _, score = scores
    assert score["meetings"]["invented_dates"] == 0
