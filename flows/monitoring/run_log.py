"""What a run writes into its log in Prefect's pages: one line for each batch, not five for its tasks."""

import logging

__all__ = ["quiet_tasks"]

_OF_TASKS = "prefect.task_runs"


def quiet_tasks() -> None:
    """Leave "Finished in state Completed()" out of the log: a batch has five tasks, and its own line."""
    logger = logging.getLogger(_OF_TASKS)
    if _says_more not in logger.filters:
        logger.addFilter(_says_more)


def _says_more(record: logging.LogRecord) -> bool:
    """Return True if a line says more than that a task has ended well."""
    return not record.getMessage().startswith("Finished in state Completed")
