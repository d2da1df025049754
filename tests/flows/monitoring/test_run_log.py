import logging

from flows.monitoring.run_log import quiet_tasks


def test_only_the_good_end_of_a_task_is_left_out() -> None:
    quiet_tasks()
    quiet_tasks()
    logger = logging.getLogger("prefect.task_runs")
    lines = ("Finished in state Completed()", "Finished in state Failed('disk full')", "50 read, 48 stored")
    records = [logger.makeRecord(logger.name, logging.INFO, "f", 1, line, (), None) for line in lines]
    kept = [record.getMessage() for record in records if logger.filter(record)]
    assert kept == ["Finished in state Failed('disk full')", "50 read, 48 stored"]
