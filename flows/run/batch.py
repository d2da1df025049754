"""What happens to a batch between reading and writing: plain functions over a plain object.

Each step is one function of a batch and its run; whether Prefect or a thread calls it makes no difference here.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_hex
from typing import TypeAlias, TypeVar

from flows.run.context import RunContext
from flows.run.raw_pages import keep_page
from flows.run.summary import BatchReport, newest_meetings
from flows.run.worker import (
    AnnotatedArticle,
    ArticleFailure,
    ExtractedArticle,
    FindRows,
    Packed,
    extract_rows,
    join_articles,
    prepare_page,
)
from schemas.articles import Article, Page
from schemas.fetches import Fetch
from schemas.pages import RawPage
from schemas.rejects import Reject
from schemas.settings import IngestSettings
from schemas.stream import InputItem, Pause
from tasks.lake import Batch, append_batch, drop_faulty_rows
from tasks.pool import WorkerFailure
from tasks.read.fetched import put_off_row

__all__ = [
    "PendingBatch",
    "SeenArticles",
    "admit_articles",
    "append",
    "clean",
    "extract_meetings",
    "extract_quotes",
    "extract_topics",
    "fill_batches",
]

PackedRows: TypeAlias = bytes | ArticleFailure | WorkerFailure
"""The rows of one kind of one article, packed, or why there are none."""
Result = TypeVar("Result")
_log = logging.getLogger(__name__)
KINDS = ("meetings", "quotes", "topics")


class PendingBatch:
    """A batch that is not written yet.

    This is no dataclass on purpose: Prefect walks through the dataclasses that its tasks are given, field by field, and
    this one holds thousands of records.
    """

    def __init__(self, batch_id: str, extracted_at: datetime) -> None:
        self.batch_id = batch_id
        self.extracted_at = extracted_at
        self.pages: list[Page | Article] = []
        self.articles: list[AnnotatedArticle] = []
        self.rejects: list[Reject] = []
        self.fetches: list[Fetch] = []
        self.kept: list[RawPage] = []
        self.originals: dict[str, str] = {}
        self.meetings: list[PackedRows] = []
        self.quotes: list[PackedRows] = []
        self.topics: list[PackedRows] = []
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
        """Drop all that is big, because Prefect remembers until the flow ends what its tasks were given."""
        self.pages, self.articles, self.rejects, self.fetches, self.kept = [], [], [], [], []
        self.meetings, self.quotes, self.topics = [], [], []
        self.originals, self.report = {}, None


class SeenArticles:
    """The ids of the articles of a run so far, at eight bytes each."""

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def first_time(self, article_id: str) -> bool:
        """Return True on the first call with this id, False afterwards."""
        before = len(self._hashes)
        self._hashes.add(int.from_bytes(blake2b(article_id.encode(), digest_size=8).digest()))
        return len(self._hashes) > before


def fill_batches(inputs: Iterable[InputItem | Article], run: RunContext) -> Iterator[PendingBatch]:
    """Put inputs (what is read, or articles out of a lake) into batches, read no earlier than asked for.

    Yields:
        Batches of ``batch_size`` inputs, fewer where pages are large or a pause is read. ``extracted_at`` grows from
        each to the next, so that of two batches with the same article the one read later counts.
    """
    pending, last = iter(inputs), datetime.min.replace(tzinfo=run.clock().tzinfo)
    while True:
        last = max(run.clock(), last + timedelta(microseconds=1))
        batch = PendingBatch(f"{last:%Y%m%dT%H%M%S%f}-{token_hex(3)}", last)
        with batch.timed("read"):
            _read_inputs(batch, pending, run.settings)
        if not batch.read:
            return
        yield batch


def clean(batch: PendingBatch, run: RunContext) -> None:
    """Clean (articles are clean) and annotate every page of a batch; each within its own bounds of time and memory."""
    with batch.timed("clean"):
        calls = [
            (page, _choose_source(page, run), run.settings.limits, run.languages, run.stages) for page in batch.pages
        ]
        outcomes = run.pool.each(prepare_page, calls, timeout_seconds=run.settings.limits.page_timeout_seconds)
    for page, outcome in zip(batch.pages, outcomes, strict=True):
        match outcome:
            case AnnotatedArticle():
                batch.articles.append(outcome)
            case Reject():
                batch.rejects.append(outcome)
            case WorkerFailure(code, message):
                lost = Reject(input=page.input, stage="clean", code=code, message=message)
                batch.rejects += _put_off_or_reject(batch, lost, run)
    if run.settings.keep_pages:
        cleaned = {article.input for article in batch.articles}
        from_web = [page for page in batch.pages if isinstance(page, Page)]
        batch.kept = [keep_page(page, page.answer, cleaned=cleaned) for page in from_web if page.answer]
    batch.pages = []


def admit_articles(batch: PendingBatch, seen: SeenArticles, run: RunContext) -> None:
    """Reject articles that were read before, and name the originals of copies.

    Batches must come in reading order: the first article read wins, and is the original.
    """
    batch.cleaned = len(batch.articles)
    articles, batch.articles = batch.articles, []
    for article in articles:
        if not seen.first_time(article.article_id):
            batch.rejects.append(_reject_duplicate(article, "was read before in this run"))
        elif article.from_web and run.known.has_from_elsewhere(article.article_id, article.input):
            batch.rejects.append(_reject_duplicate(article, "is stored already, from another link"))
        else:
            batch.articles.append(article)
            if original := run.stories.original_of(article.article_id, article.signature):
                batch.originals[article.article_id] = original


def extract_meetings(batch: PendingBatch, run: RunContext) -> None:
    """Extract the meetings of every article of a batch."""
    with batch.timed("meetings"):
        batch.meetings = _extract_rows(batch, run, run.stages.meetings)


def extract_quotes(batch: PendingBatch, run: RunContext) -> None:
    """Extract the quotes of every article of a batch."""
    with batch.timed("quotes"):
        batch.quotes = _extract_rows(batch, run, run.stages.quotes)


def extract_topics(batch: PendingBatch, run: RunContext) -> None:
    """Extract the topics of every article of a batch."""
    with batch.timed("topics"):
        batch.topics = _extract_rows(batch, run, run.stages.topics)


def append(batch: PendingBatch, run: RunContext) -> None:
    """Join the rows of a batch, write them to the lake, together or not at all, and report on it."""
    with batch.timed("append"):
        extracted = list(_join_rows(batch, run))
        complete, faults = drop_faulty_rows(_collect_batch(batch, run, extracted))
        for fault in faults:  # a rule made it; the other rows of its article are right
            _log.warning("a row was not stored, please report it: %s", fault)
        rows = append_batch(run.lake, complete, written_at=run.clock())
    batch.report = BatchReport(
        cleaned=batch.cleaned,
        rejects=tuple(batch.rejects),
        put_off=tuple(fetch.code or "" for fetch in batch.fetches if fetch.state == "later"),
        unchanged=sum(fetch.state == "unchanged" for fetch in batch.fetches),
        rows=rows,
        seconds=batch.seconds,
        newest=newest_meetings(extracted),
    )


def _read_inputs(batch: PendingBatch, inputs: Iterator[InputItem | Article], settings: IngestSettings) -> None:
    size = 0
    while batch.read < settings.batch_size and size < settings.batch_bytes:
        match next(inputs, None):
            case None:
                return
            case Pause():
                if batch.read:
                    return
                continue
            case Reject() as reject:
                batch.rejects.append(reject)
            case Fetch(state="fetched") as fetch:
                batch.fetches.append(fetch)
                continue  # its page follows
            case Fetch() as fetch:
                batch.fetches.append(fetch)
                batch.rejects += _reject_fetch(fetch)
            case page:
                batch.pages.append(page)
                size += len(page.text if isinstance(page, Article) else page.body)
        batch.read += 1


def _reject_fetch(fetch: Fetch) -> list[Reject]:
    if fetch.state != "rejected":
        return []
    code, message = fetch.code or "fetch_failed", fetch.message or ""
    return [Reject(input=fetch.input, stage="read", code=code, message=message, attempt=fetch.attempt)]


def _choose_source(page: Page | Article, run: RunContext) -> str:
    return page.answer.source if isinstance(page, Page) and page.answer else run.source


def _reject_duplicate(article: AnnotatedArticle, why: str) -> Reject:
    message = f"article {article.article_id} {why}; the first reading counts"
    return Reject(input=article.input, stage="clean", code="duplicate", message=message)


def _extract_rows(batch: PendingBatch, run: RunContext, find: FindRows) -> list[PackedRows]:
    documents = [article.document for article in batch.articles]
    return _process_articles(run, extract_rows, find, documents)


def _process_articles(
    run: RunContext, function: Callable[..., list[Result]], tool: object, articles: Sequence[object]
) -> list[Result | WorkerFailure]:
    """Process all articles in one worker call.

    If that worker dies, they are processed one by one, so that only the article that killed it is rejected.
    """
    if not articles:
        return []
    seconds = run.settings.limits.page_timeout_seconds
    together = run.pool.call(function, tool, articles, timeout_seconds=seconds)
    if not isinstance(together, WorkerFailure):
        return list(together)
    apart = run.pool.each(function, [(tool, [article]) for article in articles], timeout_seconds=seconds)
    return [one if isinstance(one, WorkerFailure) else one[0] for one in apart]


def _join_rows(batch: PendingBatch, run: RunContext) -> Iterator[ExtractedArticle]:
    """Yield the articles whose rows could all be found; the others become rejects."""
    packed: list[tuple[AnnotatedArticle, Packed]] = []
    for article, *rows in zip(batch.articles, batch.meetings, batch.quotes, batch.topics, strict=True):
        match rows:
            case [bytes() as meetings, bytes() as quotes, bytes() as topics]:
                packed.append((article, (article.document, meetings, quotes, topics)))
            case _:
                batch.rejects += _reject_failed(batch, article, zip(KINDS, rows, strict=True), run)
    joined = _process_articles(run, join_articles, run.stages.join, [one for _, one in packed])
    for (article, _), extracted in zip(packed, joined, strict=True):
        if isinstance(extracted, ExtractedArticle):
            yield extracted.copied_from(batch.originals.get(article.article_id))
        else:
            batch.rejects += _reject_failed(batch, article, [("join", extracted)], run)


def _reject_failed(
    batch: PendingBatch, article: AnnotatedArticle, outcomes: Iterable[tuple[str, object]], run: RunContext
) -> list[Reject]:
    name, failure = next((name, one) for name, one in outcomes if isinstance(one, ArticleFailure | WorkerFailure))
    code = failure.code or "extract_failed"
    reject = Reject(input=article.input, stage="extract", code=code, message=f"{name}: {failure.message}")
    return _put_off_or_reject(batch, reject, run) if isinstance(failure, WorkerFailure) else [reject]


def _put_off_or_reject(batch: PendingBatch, lost: Reject, run: RunContext) -> list[Reject]:
    """Put a link off whose worker was lost, because our own trouble may pass; return the reject of anything else.

    The row by which the next run would know a file is dropped, so that the file is read again.
    """
    place = next((i for i, fetch in enumerate(batch.fetches) if fetch.input == lost.input), None)
    if place is None:
        return [lost]
    row = batch.fetches.pop(place)
    if row.kind == "file":
        return [lost]
    later = put_off_row(row, lost.code, lost.message, most_attempts=run.settings.fetching.runs, now=run.clock())
    batch.fetches.append(later or row)
    return [] if later else [replace(lost, attempt=row.attempt)]


def _collect_batch(batch: PendingBatch, run: RunContext, extracted: Sequence[ExtractedArticle]) -> Batch:
    return Batch(
        batch_id=batch.batch_id,
        run_id=run.run_id,
        extracted_at=batch.extracted_at,
        articles=tuple(one.article for one in extracted),
        meetings=tuple(meeting for one in extracted for meeting in one.meetings),
        quotes=tuple(quote for one in extracted for quote in one.quotes),
        topics=tuple(topic for one in extracted for topic in one.topics),
        rejects=tuple(batch.rejects),
        extractor=run.extractor,
        fetches=tuple(batch.fetches),
        pages=tuple(batch.kept),
    )
