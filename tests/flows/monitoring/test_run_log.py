import logging

import pytest

from flows.monitoring.run_log import quiet_tasks


def test_only_the_good_end_of_a_task_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    quiet_tasks()
    quiet_tasks()
    logger = logging.getLogger("prefect.task_runs")
    logger.addHandler(caplog.handler)
    try:
        for line in ("Finished in state Completed()", "Finished in state Failed('disk full')", "50 read, 48 stored"):
            logger.warning(line)
    finally:
        logger.removeHandler(caplog.handler)
    assert set(caplog.messages) == {"Finished in state Failed('disk full')", "50 read, 48 stored"}
