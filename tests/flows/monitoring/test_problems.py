"""Nothing that keeps articles from being read is called well."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flows.monitoring.problems import find_prefect_problems, format_span
from flows.server.api import Deployment, FlowRun, PrefectState

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
WATCH = Deployment(
    deployment_id="d1",
    name="ingest/watch",
    paused=False,
    scheduled=True,
    next_run=NOW + timedelta(minutes=3),
    interval=QUARTER,
    last_run=NOW - timedelta(minutes=12),
)
RUN = FlowRun(name="ingest-x", deployment_id="d1", state="Running", message=None, start=NOW - QUARTER, seconds=900.0)


def problems(*deployments: Deployment, **state: object) -> list[str]:
    prefect = PrefectState(url="http://127.0.0.1:4200/api", deployments=deployments)
    return list(find_prefect_problems(replace(prefect, **state), NOW))  # type: ignore[arg-type]


def test_a_schedule_that_runs_is_well() -> None:
    assert problems(WATCH) == []


def test_a_schedule_for_which_no_run_waits_is_not_well() -> None:
    stopped = replace(WATCH, next_run=None, interval=None)
    (problem,) = problems(stopped)
    assert "ingest/watch has a schedule, but no run of it is waiting" in problem
    assert problems(replace(stopped, scheduled=False)) == []


def test_a_last_run_older_than_twice_its_interval_is_not_well_unless_one_is_under_way() -> None:
    late = replace(WATCH, last_run=NOW - timedelta(minutes=31))
    (problem,) = problems(late)
    assert "should run every 15 min, but its last run ended 31 min ago" in problem
    assert problems(replace(WATCH, last_run=NOW - timedelta(minutes=29))) == []
    assert problems(late, running=(RUN,)) == []


def test_runs_that_nobody_begins_and_runs_that_ended_badly_are_not_well() -> None:
    overdue = replace(RUN, state="Late", start=NOW - timedelta(minutes=40))
    assert "1 scheduled runs have not begun" in problems(late=(overdue,))[0]
    assert problems(late=(replace(overdue, start=NOW - timedelta(minutes=5)),)) == []
    assert "is Crashed" in problems(last_run=replace(RUN, state="Crashed"))[0]


def test_spans_are_told_in_two_units() -> None:
    spans = [timedelta(seconds=40), timedelta(minutes=12), timedelta(hours=3, minutes=5), timedelta(days=3, hours=4)]
    assert [format_span(span) for span in spans] == ["40 s", "12 min", "3 h 5 min", "3 d 4 h"]
