import asyncio
from contextlib import suppress

import pytest

from schemas.errors import RejectArticle, RetryLater
from tasks.read.web.pacing import Gate


@pytest.fixture
def gate(clock):
    return Gate("tin.vn", clock)


def test_a_turn_comes_an_interval_after_the_last_answer_began(gate, clock):
    async def ask(latency, interval):
        async with gate.turn(interval, patience_seconds=60):
            asked = clock.monotonic()
            clock.pass_by(latency)
        return asked

    async def run():
        return [await ask(3, 10), await ask(0, 10), await ask(0, 2), await ask(0, 0)]

    assert asyncio.run(run()) == [0, 13, 15, 15]


def test_a_failed_request_counts_as_one(gate, clock):
    async def run():
        with pytest.raises(RetryLater):
            async with gate.turn(5, patience_seconds=60):
                raise RetryLater("timeout", "slow")
        async with gate.turn(5, patience_seconds=60):
            return clock.monotonic()

    assert asyncio.run(run()) == 5


def test_a_host_that_asks_for_a_pause_gets_it_from_everybody(gate, clock):
    async def run():
        gate.close_for(30, "asked")
        gate.close_for(10, "asked")
        async with gate.turn(1, patience_seconds=60):
            assert clock.monotonic() == 30
        gate.close_for(61, "asked")
        async with gate.turn(1, patience_seconds=60):
            pytest.fail("the host is closed")

    with pytest.raises(RetryLater) as caught:
        asyncio.run(run())
    assert (caught.value.code, caught.value.wait_seconds) == ("host_paused", 61)


def test_a_door_that_closes_while_somebody_waits_for_a_turn_stays_closed(gate, clock):
    async def run():
        async with gate.turn(0, patience_seconds=60):
            pass
        waiting = asyncio.ensure_future(next_turn())
        await asyncio.sleep(0)
        gate.close_for(90, "asked")
        with pytest.raises(RetryLater):
            await waiting

    async def next_turn():
        async with gate.turn(5, patience_seconds=60):
            pytest.fail("the host is closed")

    slept = clock.sleep

    async def sleep(seconds):
        await asyncio.sleep(0)
        await slept(seconds)

    clock.sleep = sleep
    asyncio.run(run())


def test_a_host_that_fails_again_and_again_is_left_alone(gate, clock):
    def ask(error=None):
        with suppress(RetryLater, RejectArticle), gate.count_failures(most_failures=3, pause_seconds=600):
            if error:
                raise error

    async def turn():
        async with gate.turn(0, patience_seconds=60):
            pass

    failure, refusal = RetryLater("timeout", "slow"), RejectArticle("http_404", "none")
    for error in (failure, failure, None, failure, failure, refusal, failure, failure):
        ask(error)
    asyncio.run(turn())
    ask(failure)
    with pytest.raises(RetryLater, match=r"failed 3 times in a row \(timeout\); 600 seconds are left"):
        asyncio.run(turn())
    clock.pass_by(600)
    asyncio.run(turn())


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_than_so_many_are_inside(gate, concurrency):
    inside, most = [], []

    async def visit(number):
        async with gate.seat(concurrency):
            inside.append(number)
            most.append(len(inside))
            try:
                await asyncio.sleep(0)
            finally:
                inside.remove(number)

    async def run():
        visits = [asyncio.ensure_future(visit(number)) for number in range(20)]
        await asyncio.sleep(0)
        visits[concurrency].cancel()  # it waits at the door
        visits[0].cancel()  # it is inside
        return await asyncio.gather(*visits, return_exceptions=True)

    gone = [outcome for outcome in asyncio.run(run()) if isinstance(outcome, asyncio.CancelledError)]
    assert len(gone) == 2
    assert max(most) == concurrency
    assert len(most) == 19
