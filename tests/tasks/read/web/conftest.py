import asyncio
from collections.abc import Callable

import pytest

from outlet import Outlet
from outlet.clock import ManualClock
from schemas.fetching import Outcome
from schemas.settings import FetchSettings
from tasks.read.web import Fetcher

QUICK = {"contact": "tests@outlet.test", "interval_seconds": 0.0, "read_timeout_seconds": 5.0}
"""Who we are in tests; pauses take no time because the clock is the tests' own."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def settings(outlet: Outlet) -> Callable[..., FetchSettings]:
    """Settings that let the outlet's newspapers be asked, with what a test says beside."""
    return lambda **more: FetchSettings(**{"allowed_hosts": outlet.allowed_hosts, **QUICK, **more})


@pytest.fixture
def fetch(settings, clock) -> Callable[..., Outcome]:
    """Fetches one URL with a fetcher of its own."""

    def run(url, kind="article", *, validators=None, pace=None, resolver=None, **more):
        async def once():
            async with Fetcher(settings(**more), resolver=resolver, clock=clock, draw=lambda most: most) as fetcher:
                return await fetcher.fetch(url, kind, validators=validators, pace=pace)

        return asyncio.run(once())

    return run
