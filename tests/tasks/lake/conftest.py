"""A small article with everything in it, and batches made of it."""

import importlib
import os
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

import pytest

from samples import ARTICLE, FETCH, MEETING, PAGE, PARTICIPANT, QUOTE, TOPIC
from schemas.articles import Article, Block
from schemas.meetings import Meeting, Participant
from schemas.quotes import Quote, Span
from schemas.rejects import Reject
from schemas.topics import Topic
from tasks.lake import Batch, Lake, create_lake

TITLE = "An Nhiên và Bình Minh gặp nhau 🤝"
WORDS = "Chúng tôi muốn hòa bình"
BODY = f'Ngày 5/3, bà An Nhiên gặp ông Bình Minh tại Huế. "{WORDS}", ông Bình Minh nói. Trời đẹp.'
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    create_lake(tmp_path / "lake")
    return tmp_path / "lake"


@pytest.fixture(params=["disk", pytest.param("s3", marks=pytest.mark.long)])
def any_lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A lake, once on a disk and once in a bucket."""
    if request.param == "disk":
        return request.getfixturevalue("lake")
    lake = f"{request.getfixturevalue('bucket')}/{token_hex(4)}"
    create_lake(lake)
    return lake


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """Empty buckets of an object store on loopback, which the environment leads to: ``s3://lakes``, ``s3://lakes-own``."""
    if not os.environ.get("CI"):  # there it must not be missing
        pytest.importorskip("moto.server", reason="no object store to test with: pip install 'moto[server]'")
    server = importlib.import_module("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        with pytest.MonkeyPatch.context() as environment:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                environment.delenv(name)
            environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            environment.setenv("AWS_ACCESS_KEY_ID", "a-key")
            environment.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
            for name in ("lakes", "lakes-own"):
                put = urllib.request.Request(f"http://{host}:{port}/{name}", b"", method="PUT")
                urllib.request.urlopen(put).close()
            yield "s3://lakes"
    finally:
        server.stop()


@pytest.fixture(scope="session")
def make_batch() -> Callable[..., Batch]:
    """Batches of articles that each have one meeting, one quote, and a topic of all three."""
    return _batch


def _batch(
    batch_id: str = "b1",
    *,
    articles: tuple[str, ...] = ("a1",),
    minutes: int = 0,
    rejects: tuple[str, ...] = (),
    links: tuple[str, ...] = (),
    text: str = f"{TITLE}\n{BODY}",
    run_id: str = "run",
) -> Batch:
    """``minutes`` after noon is when it was extracted."""
    return Batch(
        batch_id,
        run_id,
        NOON + timedelta(minutes=minutes),
        tuple(_article(article_id, text) for article_id in articles),
        tuple(_meeting(article_id, text) for article_id in articles),
        tuple(_quote(article_id, text) for article_id in articles),
        tuple(topic for article_id in articles for topic in _topics(article_id, text)),
        tuple(Reject(input=name, stage="clean", code="empty", message="no text") for name in rejects),
        "parley 0",
        tuple(replace(FETCH, input=link) for link in links),
        tuple(replace(PAGE, input=link) for link in links),
    )


def _span(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def _article(article_id: str, text: str) -> Article:
    return replace(
        ARTICLE,
        article_id=article_id,
        url=f"https://example.org/{article_id}",
        input=f"{article_id}.txt",
        outlet="Báo Mẫu",
        title=TITLE,
        authors=("Lê Văn Mẫu",),
        text=text,
        text_sha256=sha256(text.encode()).hexdigest(),
        blocks=(Block("title", 0, len(TITLE)), Block("body", len(TITLE) + 1, len(text))),
    )


def _party(text: str, name: str) -> Participant:
    span = _span(text, name)
    return replace(PARTICIPANT, name=name, role="bà", country="VN", start=span.start, end=span.end)


def _meeting(article_id: str, text: str) -> Meeting:
    evidence = _span(text, BODY.split(" Trời", maxsplit=1)[0])
    return replace(
        MEETING,
        meeting_id=f"m-{article_id}",
        article_id=article_id,
        participants=(_party(text, "An Nhiên"), _party(text, "Bình Minh")),
        date_start=date(2026, 3, 5),
        date_precision="day",
        date_text="Ngày 5/3",
        city="Hue",
        country="VN",
        start=evidence.start,
        end=evidence.end,
    )


def _quote(article_id: str, text: str) -> Quote:
    words, cue = _span(text, WORDS), _span(text, "nói")
    start = text.rindex("Bình Minh")
    return replace(
        QUOTE,
        quote_id=f"q-{article_id}",
        article_id=article_id,
        text=WORDS,
        start=words.start,
        end=words.end,
        quoted=(words,),
        speaker="Bình Minh",
        speaker_id="binh-minh",
        speaker_country="VN",
        speaker_start=start,
        speaker_end=start + len("Bình Minh"),
        cue="nói",
        cue_start=cue.start,
        cue_end=cue.end,
        meeting_id=f"m-{article_id}",
    )


def _topics(article_id: str, text: str) -> tuple[Topic, ...]:
    targets = (("article", article_id), ("meeting", f"m-{article_id}"), ("quote", f"q-{article_id}"))
    words = {"article_id": article_id, "label_vi": "Hòa bình", "spans": (_span(text, "hòa bình"),)}
    return tuple(replace(TOPIC, **words, scope=scope, target_id=target_id) for scope, target_id in targets)
