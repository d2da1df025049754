"""One plain row of every kind; tests say with ``replace`` what theirs has beside it."""

from datetime import UTC, date, datetime

from schemas.articles import Article
from schemas.fetches import Fetch
from schemas.meetings import Meeting, Participant
from schemas.pages import RawPage
from schemas.quotes import Quote
from schemas.sources import Source
from schemas.topics import Topic

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)

ARTICLE = Article(
    article_id="a1",
    url=None,
    input="a1.txt",
    source="samples",
    outlet=None,
    title=None,
    authors=(),
    lead=None,
    published_at=NOON,
    published_on=date(2026, 3, 5),
    published_from="meta",
    language="vi",
    text="",
    text_sha256="",
    blocks=(),
    near_duplicate_of=None,
    signature=(),
    wire=None,
    fetched_at=NOON,
)

PARTICIPANT = Participant(name=None, person_id=None, role=None, organization=None, country=None, start=0, end=1)

MEETING = Meeting(
    meeting_id="m1",
    article_id="a1",
    participants=(),
    date_start=None,
    date_end=None,
    date_precision=None,
    date_text=None,
    city=None,
    country=None,
    venue=None,
    occasion=None,
    sideline=False,
    format="in_person",
    status="held",
    duration_minutes=None,
    duration_qualifier=None,
    first_since=None,
    start=0,
    end=1,
    certainty="explicit",
    rule="sample",
)

QUOTE = Quote(
    quote_id="q1",
    article_id="a1",
    kind="direct",
    text="",
    start=0,
    end=1,
    quoted=(),
    speaker=None,
    speaker_id=None,
    speaker_role=None,
    speaker_country=None,
    speaker_kind="person",
    speaker_start=None,
    speaker_end=None,
    cue=None,
    cue_start=None,
    cue_end=None,
    addressee=None,
    meeting_id=None,
    is_translation=None,
    certainty="explicit",
    rule="sample",
)

TOPIC = Topic(
    topic_id="peace",
    article_id="a1",
    label="Peace",
    label_vi=None,
    iptc=None,
    plover=None,
    scope="article",
    target_id="a1",
    score=1.0,
    spans=(),
    rule="sample",
)

FETCH = Fetch(
    input="https://paper.example/1",
    source="paper",
    found_in=None,
    kind="article",
    state="fetched",
    code=None,
    message=None,
    url=None,
    status=200,
    robots="allowed",
    requests=1,
    redirects=0,
    waited_seconds=0.0,
    wire_bytes=0,
    etag=None,
    last_modified=None,
    body_sha256=None,
    title=None,
    published_at=None,
    attempt=1,
    retry_at=None,
)

PAGE = RawPage(
    input="https://paper.example/1",
    source="paper",
    url=None,
    status=200,
    headers=(),
    media="html",
    charset=None,
    body=b"<p>",
    sha256="",
    outlet=None,
    title=None,
    published_at=None,
    language=None,
    fetched_at=NOON,
)

SOURCE = Source(
    id="bao-mau",
    name="Báo Mẫu",
    language="vi",
    country="VN",
    kind="national",
    homepage="https://baomau.vn",
    hosts=("baomau.vn",),
    feeds=("https://baomau.vn/rss/home.rss",),
    note="Made up.",
)
