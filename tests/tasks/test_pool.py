"""The pool under calls that hang, die and eat memory."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

import tasks.pool as pool_module
from schemas.errors import RejectArticle, StopFlow
from tasks.pool import WorkerFailure, WorkerPool

LONG = 60.0


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, memory_bytes=500_000_000) as pool:
        yield pool


def double(number: int) -> int:
    return 2 * number


def spend(seconds: float) -> bool:
    """Work for so long."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return True


def hang_on_three(number: int) -> int:
    while number == 3:
        pass
    return number


def die_on_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_for(seconds: float | None) -> bool:
    """Wait without working."""
    return Event().wait(seconds)


def take_bytes(count: int) -> int:
    return len(bytearray(count))


def refuse() -> None:
    raise RejectArticle("empty", "nothing in it")


def test_results_come_in_the_order_of_the_calls(pool: WorkerPool) -> None:
    assert pool.each(double, [(n,) for n in range(50)], timeout_seconds=LONG) == [2 * n for n in range(50)]


def test_a_call_over_its_time_is_lost_and_its_neighbours_are_not(pool: WorkerPool) -> None:
    results = pool.each(hang_on_three, [(n,) for n in range(6)], timeout_seconds=1.5)
    assert [r.code if isinstance(r, WorkerFailure) else r for r in results] == [0, 1, 2, "page_timeout", 4, 5]


def test_only_time_of_the_processor_counts(pool: WorkerPool) -> None:
    """A machine that sleeps or is busy with others does not make a page slow."""
    assert pool.call(wait_for, 0.5, timeout_seconds=0.1) is False


def test_a_call_that_waits_for_ever_is_ended_too(pool: WorkerPool) -> None:
    result = pool.call(wait_for, None, timeout_seconds=0.05)
    assert isinstance(result, WorkerFailure)
    assert result.code == "page_timeout"
    assert pool.call(double, 4) == 8


def test_the_bound_of_one_call_is_not_that_of_the_next(pool: WorkerPool) -> None:
    results = [pool.call(spend, 0.2, timeout_seconds=0.5) for _ in range(4)]
    assert results == [True] * 4


def test_an_idle_worker_that_dies_is_replaced() -> None:
    with WorkerPool(1, memory_bytes=500_000_000) as pool:
        for number in range(3):
            kill_worker(pool)
            assert pool.call(double, number) == 2 * number
            assert pool.each(double, [(n,) for n in range(9)], timeout_seconds=LONG) == [2 * n for n in range(9)]


def test_workers_that_die_again_and_again_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "MOST_REPLACEMENTS", 0)
    with WorkerPool(1, memory_bytes=500_000_000) as pool:
        kill_worker(pool)
        with pytest.raises(StopFlow, match="run the same command again"):
            pool.call(double, 2)


def kill_worker(pool: WorkerPool) -> None:
    worker = pool.call(os.getpid)
    assert isinstance(worker, int)
    os.kill(worker, signal.SIGKILL)


def test_a_worker_that_dies_costs_one_call(pool: WorkerPool) -> None:
    results = pool.each(die_on_three, [(n,) for n in range(6)], timeout_seconds=LONG)
    assert [r.code if isinstance(r, WorkerFailure) else r for r in results] == [0, 1, 2, "worker_died", 4, 5]


def test_a_call_over_the_memory_bound_is_lost(pool: WorkerPool) -> None:
    results = pool.each(take_bytes, [(1_000_000,), (800_000_000,)], timeout_seconds=LONG)
    assert [r.code if isinstance(r, WorkerFailure) else r for r in results] == [1_000_000, "worker_died"]


def test_what_a_function_raises_is_raised_here(pool: WorkerPool) -> None:
    with pytest.raises(RejectArticle, match="nothing in it"):
        pool.call(refuse)


def test_calls_in_flight_end_when_the_pool_is_stopped() -> None:
    with ThreadPoolExecutor() as threads:
        with pytest.raises(ZeroDivisionError), WorkerPool(1, memory_bytes=500_000_000) as pool:
            calls = [threads.submit(pool.call, hang_on_three, 3) for _ in range(3)]
            raise ZeroDivisionError
        assert [type(call.exception()) for call in calls] == [StopFlow] * 3
