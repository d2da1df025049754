"""Events that a run sends to automations, as values. :mod:`flows.monitoring.artifacts` sends them.

| event | when | resource |
|---|---|---|
| ``parley.meeting.reported`` | a new article tells of a meeting; copies of agency text are left out | the meeting |
| ``parley.source.silent`` | a watched source has given no article for long; said once per silence | the source |
| ``parley.run.degraded`` | a large share of a run's inputs was rejected | the lake |
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from flows.monitoring.health import SourceHealth
from flows.run.summary import IngestSummary
from schemas.settings import AlertSettings
from tasks.lake import Lake, LakeHistory, open_lake

__all__ = ["Event", "find_degradation", "find_new_meetings", "find_silences"]

_MEETINGS = """
SELECT
    meeting_id, article_id, source, strftime(date_start, '%Y-%m-%d') AS date, status, format, city, country,
    array_to_string(who, ', ') AS who, sentence, title, url, outlet
FROM meetings_in_context
JOIN (SELECT article_id, source FROM articles WHERE run_id = $run AND near_duplicate_of IS NULL) USING (article_id)
ORDER BY published_at DESC NULLS LAST, article_id, meeting_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event."""

    event: str
    resource: dict[str, str]
    """Labels of what it is about; ``prefect.resource.id`` is the one that automations match."""
    related: tuple[dict[str, str], ...]
    payload: dict[str, object]


def find_new_meetings(lake: Lake, run_id: str, known: LakeHistory, alerts: AlertSettings) -> tuple[Event, ...]:
    """Return events for the meetings in a run's new articles, the latest published first; at most ``alerts.meetings``.

    Args:
        lake: After the run.
        run_id: Of the run.
        known: What the lake knew before it: an article that is only read again is no news.
        alerts: Bounds.
    """
    with open_lake(lake) as connection:
        found = connection.execute(_MEETINGS, {"run": run_id})
        columns = [column[0] for column in found.description]
        news = (dict(zip(columns, row, strict=True)) for row in iter(found.fetchone, None))
        fresh = (one for one in news if not known.has_article(str(one["article_id"])))
        told = list(islice(fresh, alerts.meetings))
        more = sum(1 for _ in fresh)
    return tuple(_describe_meeting(one, more if one is told[-1] else 0) for one in told)


def find_silences(
    sources: Iterable[SourceHealth], already: Iterable[str], now: datetime, alerts: AlertSettings
) -> Iterator[Event]:
    """Yield an event for each source that has fallen silent.

    Args:
        sources: Those that the run has read.
        already: Names of those whose silence was told before.
        now: UTC.
        alerts: From when on it is silence.
    """
    told = set(already)
    for source in sources:
        if source.source not in told and source.is_silent(now, timedelta(hours=alerts.silent_hours)):
            yield Event(
                event="parley.source.silent",
                resource=_label_resource("source", source.source, source.source),
                related=(),
                payload={
                    "source": source.source,
                    "silent_since": source.heard.isoformat(),
                    "hours": round((now - source.heard).total_seconds() / 3_600, 1),
                    "articles": source.articles,
                },
            )


def find_degradation(summary: IngestSummary, alerts: AlertSettings) -> Event | None:
    """Return an event if a run rejected more than it should; what was read before does not count as rejected."""
    rejected = {code: count for code, count in summary.rejected.items() if code != "duplicate"}
    total = sum(rejected.values())
    if summary.read < alerts.degraded_inputs or total <= alerts.degraded_share * summary.read:
        return None
    return Event(
        event="parley.run.degraded",
        resource=_label_resource("lake", summary.lake, summary.lake),
        related=(_label_resource("source", summary.source, summary.source) | {"prefect.resource.role": "source"},),
        payload={"source": summary.source, "read": summary.read, "rejected": total, "codes": rejected},
    )


def _describe_meeting(news: dict[str, object], more: int) -> Event:
    name = " – ".join(str(news[part]) for part in ("date", "who", "status") if news[part])
    facts = {part: str(news[part]) for part in ("date", "status", "country") if news[part]}
    source, article = str(news["source"]), str(news["article_id"])
    return Event(
        event="parley.meeting.reported",
        resource=_label_resource("meeting", str(news["meeting_id"]), name)
        | {f"parley.{k}": v for k, v in facts.items()},
        related=(
            _label_resource("source", source, source) | {"prefect.resource.role": "source"},
            _label_resource("article", article, str(news["title"] or article)) | {"prefect.resource.role": "article"},
        ),
        payload=news | {"more_meetings": more},
    )


def _label_resource(kind: str, name: str, label: str) -> dict[str, str]:
    return {"prefect.resource.id": f"parley.{kind}.{name}", "prefect.resource.name": label[:200]}
