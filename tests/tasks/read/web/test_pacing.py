import asyncio

import pytest

from schemas.errors import RetryLater
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
        gate.close_for(30)
        gate.close_for(10)
        async with gate.turn(1, patience_seconds=60):
            assert clock.monotonic() == 30
        gate.close_for(61)
        async with gate.turn(1, patience_seconds=60):
            pytest.fail("the host is closed")

    with pytest.raises(RetryLater) as caught:
        asyncio.run(run())
    assert (caught.value.code, caught.value.wait_seconds) == ("host_paused", 61)


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
