"""Batches in the making: what happens to a batch between reading and writing.

Plain functions over a plain object; Prefect only watches them. A draft is no dataclass on purpose: Prefect walks
through the dataclasses it is handed, field by field, and these hold thousands of records.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from secrets import token_hex
from typing import TypeVar

from flows.run.summary import BatchReport, newest_meetings
from flows.run.worker import STAGES, Failed, Find, Harvest, Packed, Parcel, Stages, extract, join, prepare
from schemas.articles import Answer, Article, Page
from schemas.fetches import Fetch
from schemas.pages import RawPage
from schemas.rejects import Reject
from schemas.settings import IngestSettings
from schemas.stream import InputItem, Pause
from tasks.duplicates import Stories, StoryIndex
from tasks.lake import NO_HISTORY, Batch, LakeHistory, append_batch
from tasks.pool import Lost, WorkerPool
from tasks.read.fetched import put_off_row

__all__ = ["Draft", "Run", "Seen", "admit", "append", "clean", "drafts", "find"]

Result = TypeVar("Result")
KINDS = ("meetings", "quotes", "topics")


class Run:
    """What all batches of a run share."""

    def __init__(
        self,
        *,
        run_id: str,
        source: str,
        lake: str,
        pool: WorkerPool,
        settings: IngestSettings,
        languages: tuple[str, ...],
        extractor: str,
        clock: Callable[[], datetime],
        stages: Stages = STAGES,
        known: LakeHistory = NO_HISTORY,
        stories: Stories | None = None,
    ) -> None:
        self.run_id = run_id
        self.source = source
        self.lake = lake
        self.pool = pool
        self.settings = settings
        self.languages = languages
        self.extractor = extractor
        self.clock = clock
        self.stages = stages
        self.known = known
        self.stories = stories or StoryIndex()


class Draft:
    """A batch that is not written yet."""

    def __init__(self, batch_id: str, extracted_at: datetime) -> None:
        self.batch_id = batch_id
        self.extracted_at = extracted_at
        self.pages: list[Page | Article] = []
        self.parcels: list[Parcel] = []
        self.rejects: list[Reject] = []
        self.fetches: list[Fetch] = []
        self.kept: list[RawPage] = []
        self.originals: dict[str, str] = {}
        self.found: dict[str, list[bytes | Failed | Lost]] = {}
        self.read = 0
        self.cleaned = 0
        self.seconds: dict[str, float] = {}
        self.report: BatchReport | None = None

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the wall-clock seconds of a block to a stage's."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - started

    def release(self) -> None:
        """Let go of all that is big: Prefect remembers what its tasks were given until the flow ends."""
        self.pages, self.parcels, self.rejects, self.fetches, self.kept = [], [], [], [], []
        self.originals, self.found, self.report = {}, {}, None


class Seen:
    """The articles of a run so far, eight bytes each."""

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def first_time(self, article_id: str) -> bool:
        """True on the first call with this id, False afterwards."""
        before = len(self._hashes)
        self._hashes.add(int.from_bytes(blake2b(article_id.encode(), digest_size=8).digest()))
        return len(self._hashes) > before


def drafts(inputs: Iterable[InputItem | Article], run: Run) -> Iterator[Draft]:
    """Inputs (what is read, or articles out of a lake) in batches, read no earlier than asked for.

    Yields:
        Drafts of ``batch_size`` inputs, fewer where pages are large or a pause is read. ``extracted_at`` grows from
        each to the next, so that of two batches with the same article the one read later counts.
    """
    pending, last = iter(inputs), datetime.min.replace(tzinfo=run.clock().tzinfo)
    while True:
        last = max(run.clock(), last + timedelta(microseconds=1))
        draft = Draft(f"{last:%Y%m%dT%H%M%S%f}-{token_hex(3)}", last)
        with draft.timed("read"):
            _fill(draft, pending, run.settings)
        if not draft.read:
            return
        yield draft


def clean(draft: Draft, run: Run) -> None:
    """Clean (articles are clean) and annotate every page of a draft; each within its own bounds of time and memory."""
    with draft.timed("clean"):
        calls = [(page, _source(page, run), run.settings.limits, run.languages, run.stages) for page in draft.pages]
        outcomes = run.pool.each(prepare, calls, timeout_seconds=run.settings.limits.page_timeout_seconds)
    for page, outcome in zip(draft.pages, outcomes, strict=True):
        match outcome:
            case Parcel():
                draft.parcels.append(outcome)
            case Reject():
                draft.rejects.append(outcome)
            case Lost(code, message):
                lost = Reject(input=page.input, stage="clean", code=code, message=message)
                draft.rejects += _put_off_or_reject(draft, lost, run)
    if run.settings.keep_pages:
        draft.kept = [_raw(page, page.answer) for page in draft.pages if isinstance(page, Page) and page.answer]
    draft.pages = []


def admit(draft: Draft, seen: Seen, run: Run) -> None:
    """Turn away articles that were read before, and name the originals of copies.

    Drafts must come in reading order: the first article read wins, and is the original.
    """
    draft.cleaned = len(draft.parcels)
    parcels, draft.parcels = draft.parcels, []
    for parcel in parcels:
        if not seen.first_time(parcel.article_id):
            draft.rejects.append(_duplicate(parcel, "was read before in this run"))
        elif parcel.from_web and run.known.has_from_elsewhere(parcel.article_id, parcel.input):
            draft.rejects.append(_duplicate(parcel, "is stored already, from another link"))
        else:
            draft.parcels.append(parcel)
            if original := run.stories.original_of(parcel.article_id, parcel.signature):
                draft.originals[parcel.article_id] = original


def find(draft: Draft, run: Run, kind: str) -> None:
    """Extract the rows of one kind (``meetings``, ``quotes`` or ``topics``) from a draft."""
    finder: Find = getattr(run.stages, kind)
    with draft.timed(kind):
        draft.found[kind] = _each(run, extract, finder, [parcel.document for parcel in draft.parcels])


def append(draft: Draft, run: Run) -> None:
    """Join the rows of a draft, write them to the lake, together or not at all, and report on it."""
    with draft.timed("append"):
        harvests = list(_harvests(draft, run))
        rows = append_batch(run.lake, _batch(draft, run, harvests), written_at=run.clock())
    draft.report = BatchReport(
        cleaned=draft.cleaned,
        rejects=tuple(draft.rejects),
        put_off=tuple(fetch.code or "" for fetch in draft.fetches if fetch.state == "later"),
        unchanged=sum(fetch.state == "unchanged" for fetch in draft.fetches),
        rows=rows,
        seconds=draft.seconds,
        newest=newest_meetings(harvests),
    )


def _fill(draft: Draft, inputs: Iterator[InputItem | Article], settings: IngestSettings) -> None:
    size = 0
    while draft.read < settings.batch_size and size < settings.batch_bytes:
        match next(inputs, None):
            case None:
                return
            case Pause():
                if draft.read:
                    return
                continue
            case Reject() as reject:
                draft.rejects.append(reject)
            case Fetch(state="fetched") as fetch:
                draft.fetches.append(fetch)
                continue  # its page follows
            case Fetch() as fetch:
                draft.fetches.append(fetch)
                draft.rejects += _rejected(fetch)
            case page:
                draft.pages.append(page)
                size += len(page.text if isinstance(page, Article) else page.body)
        draft.read += 1


def _rejected(fetch: Fetch) -> list[Reject]:
    if fetch.state != "rejected":
        return []
    code, message = fetch.code or "fetch_failed", fetch.message or ""
    return [Reject(input=fetch.input, stage="read", code=code, message=message, attempt=fetch.attempt)]


def _source(page: Page | Article, run: Run) -> str:
    return page.answer.source if isinstance(page, Page) and page.answer else run.source


def _raw(page: Page, answer: Answer) -> RawPage:
    return RawPage(
        input=page.input,
        source=answer.source,
        url=answer.url,
        status=answer.status,
        headers=answer.headers,
        media=page.media,
        charset=page.charset,
        body=page.body,
        sha256=sha256(page.body).hexdigest(),
        outlet=page.sidecar.outlet,
        title=page.sidecar.title,
        published_at=page.sidecar.published_at,
        language=page.sidecar.language,
        fetched_at=page.fetched_at,
    )


def _duplicate(parcel: Parcel, why: str) -> Reject:
    message = f"article {parcel.article_id} {why}; the first reading counts"
    return Reject(input=parcel.input, stage="clean", code="duplicate", message=message)


def _each(
    run: Run, function: Callable[..., list[Result]], tool: object, articles: Sequence[object]
) -> list[Result | Lost]:
    """One call for all articles; where its worker is lost, one call for each, so that only the culprit is."""
    if not articles:
        return []
    seconds = run.settings.limits.page_timeout_seconds
    together = run.pool.call(function, tool, articles, timeout_seconds=seconds)
    if not isinstance(together, Lost):
        return list(together)
    apart = run.pool.each(function, [(tool, [article]) for article in articles], timeout_seconds=seconds)
    return [one if isinstance(one, Lost) else one[0] for one in apart]


def _harvests(draft: Draft, run: Run) -> Iterator[Harvest]:
    """The articles whose rows could all be found; the others become rejects."""
    packed: list[tuple[Parcel, Packed]] = []
    for parcel, *rows in zip(draft.parcels, *(draft.found[kind] for kind in KINDS), strict=True):
        match rows:
            case [bytes() as meetings, bytes() as quotes, bytes() as topics]:
                packed.append((parcel, (parcel.document, meetings, quotes, topics)))
            case _:
                draft.rejects += _failed(draft, parcel, zip(KINDS, rows, strict=True), run)
    joined = _each(run, join, run.stages.join, [one for _, one in packed])
    for (parcel, _), harvest in zip(packed, joined, strict=True):
        if isinstance(harvest, Harvest):
            yield harvest.copied_from(draft.originals.get(parcel.article_id))
        else:
            draft.rejects += _failed(draft, parcel, [("join", harvest)], run)


def _failed(draft: Draft, parcel: Parcel, outcomes: Iterable[tuple[str, object]], run: Run) -> list[Reject]:
    name, failure = next((name, one) for name, one in outcomes if isinstance(one, Failed | Lost))
    code = failure.code or "extract_failed"
    reject = Reject(input=parcel.input, stage="extract", code=code, message=f"{name}: {failure.message}")
    return _put_off_or_reject(draft, reject, run) if isinstance(failure, Lost) else [reject]


def _put_off_or_reject(draft: Draft, lost: Reject, run: Run) -> list[Reject]:
    """Put a link off whose worker was lost, because our own trouble may pass; return the reject of anything else.

    The row by which the next run would know a file is dropped, so that the file is read again.
    """
    place = next((i for i, fetch in enumerate(draft.fetches) if fetch.input == lost.input), None)
    if place is None:
        return [lost]
    row = draft.fetches.pop(place)
    if row.kind == "file":
        return [lost]
    later = put_off_row(row, lost.code, lost.message, most_attempts=run.settings.fetching.runs, now=run.clock())
    draft.fetches.append(later or row)
    return [] if later else [replace(lost, attempt=row.attempt)]


def _batch(draft: Draft, run: Run, harvests: Sequence[Harvest]) -> Batch:
    return Batch(
        batch_id=draft.batch_id,
        run_id=run.run_id,
        extracted_at=draft.extracted_at,
        articles=tuple(harvest.article for harvest in harvests),
        meetings=tuple(meeting for harvest in harvests for meeting in harvest.meetings),
        quotes=tuple(quote for harvest in harvests for quote in harvest.quotes),
        topics=tuple(topic for harvest in harvests for topic in harvest.topics),
        rejects=tuple(draft.rejects),
        extractor=run.extractor,
        fetches=tuple(draft.fetches),
        pages=tuple(draft.kept),
    )
