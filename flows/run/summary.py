"""The result of a run: counts, seconds, and the newest meetings."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from heapq import nlargest

from flows.run.worker import ExtractedArticle
from schemas.meetings import Meeting, MeetingStatus
from schemas.rejects import Reject
from tasks.read.sources.tally import SourceReport

__all__ = ["BatchReport", "IngestSummary", "MeetingNews", "Tally", "newest_meetings"]

NEWEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingNews:
    """A meeting as one line of a report."""

    day: date | None
    parties: tuple[str, ...]
    status: MeetingStatus
    place: str | None
    title: str
    link: str
    """URL of the article, or the path it was read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """What is kept of a batch once it is written; small, because a run keeps many."""

    cleaned: int
    rejects: tuple[Reject, ...]
    put_off: tuple[str, ...]
    """Codes of the links that are to be tried again later."""
    unchanged: int
    rows: dict[str, int]
    seconds: dict[str, float]
    """Wall-clock seconds per stage."""
    newest: tuple[MeetingNews, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSummary:
    """A whole run. ``read`` is the sum of what was stored, rejected, put off and unchanged: every input is one."""

    run_id: str
    source: str
    lake: str
    read: int
    cleaned: int
    rejected: dict[str, int]
    """By code, most frequent first."""
    put_off: dict[str, int]
    """Links to be tried again later, by code, most frequent first."""
    unchanged: int
    """Links whose page is as it was."""
    rows: dict[str, int]
    """By table, as written."""
    account: dict[str, int]
    """What became of the inputs read: ``seen`` is the sum of ``stored``, ``unchanged``, ``duplicate``, ``rejected`` and
    ``later``. ``lost`` is what is missing in that sum; anything but 0 is a mistake of Parley's."""
    seconds: float
    """Wall-clock, from the first read to the last write; without Prefect's start."""
    stage_seconds: dict[str, float]
    """Summed over batches; stages run side by side, so that the sum exceeds ``seconds``."""
    passed_over: dict[str, int]
    """Records of web archives that are no pages, or stored already, by reason."""
    sources: tuple[SourceReport, ...]
    """How watched sources did, by name; none where only files were read."""
    newest: tuple[MeetingNews, ...]
    """Newest first; meetings without a date are left out while there are enough with one."""


class Tally:
    """Counts of the batches written so far; it holds no rows."""

    def __init__(self) -> None:
        self.read = 0
        """Inputs read so far, some of them in batches that are still on their way."""
        self.cleaned = 0
        self.rejected: Counter[str] = Counter()
        self.put_off: Counter[str] = Counter()
        self.unchanged = 0
        self.rows: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self.newest: tuple[MeetingNews, ...] = ()

    def add(self, report: BatchReport) -> None:
        """Count a written batch."""
        self.cleaned += report.cleaned
        self.rejected.update(reject.code for reject in report.rejects)
        self.put_off.update(report.put_off)
        self.unchanged += report.unchanged
        self.rows.update(report.rows)
        self.seconds.update(report.seconds)
        self.newest = _choose_newest([*self.newest, *report.newest])

    def summary(self, *, run_id: str, source: str, lake: str, seconds: float) -> IngestSummary:
        """Return the counts so far."""
        return IngestSummary(
            account=self._account(),
            run_id=run_id,
            source=source,
            lake=lake,
            read=self.read,
            cleaned=self.cleaned,
            rejected=dict(self.rejected.most_common()),
            put_off=dict(self.put_off.most_common()),
            unchanged=self.unchanged,
            rows=dict(self.rows),
            seconds=seconds,
            stage_seconds=dict(self.seconds),
            passed_over={},
            sources=(),
            newest=self.newest,
        )

    def _account(self) -> dict[str, int]:
        """Return what became of the inputs: counted as they were read, and again as they were written."""
        duplicates = self.rejected["duplicate"]
        ends = {
            "stored": self.rows["articles"],
            "unchanged": self.unchanged,
            "duplicate": duplicates,
            "rejected": self.rejected.total() - duplicates,
            "later": self.put_off.total(),
        }
        return {"seen": self.read, **ends, "lost": self.read - sum(ends.values())}


def newest_meetings(articles: Iterable[ExtractedArticle]) -> tuple[MeetingNews, ...]:
    """Return the newest meetings of these articles, newest first, at most ten."""
    return _choose_newest(_to_news(one, meeting) for one in articles for meeting in one.meetings)


def _choose_newest(news: Iterable[MeetingNews]) -> tuple[MeetingNews, ...]:
    return tuple(nlargest(NEWEST, news, key=lambda one: one.day or date.min))


def _to_news(extracted: ExtractedArticle, meeting: Meeting) -> MeetingNews:
    return MeetingNews(
        day=meeting.date_start,
        parties=tuple(p.name or p.role or p.country or "?" for p in meeting.participants),
        status=meeting.status,
        place=meeting.venue or meeting.city or meeting.country,
        title=extracted.article.title or extracted.article.input,
        link=extracted.article.url or extracted.article.input,
    )
