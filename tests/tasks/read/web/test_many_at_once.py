"""Many hosts side by side, each at its own pace, as the hosts themselves see it; and how a run is left."""

import asyncio
import gc
from collections import Counter
from threading import Event

import pytest

from outlet.replies import Reply
from schemas.fetching import Fetched, HostPace
from schemas.settings import FetchSettings
from tasks.read.web import Fetcher

INTERVAL = 0.05


def settings(outlet, **more):
    quick = {"contact": "x", "interval_seconds": INTERVAL, "attempts": 1}
    return FetchSettings(allowed_hosts=outlet.allowed_hosts, **{**quick, **more})


def newspapers(outlet, count, stories):
    return [outlet.site(f"o{number:02d}.outlet.test", stories=stories) for number in range(count)]


async def fetch_all(fetcher, urls, **options):
    return await asyncio.gather(*(fetcher.fetch(url, "article", **options) for url in urls))


def story_urls(sites):
    return [site.url(story.path) for site in sites for story in site.stories]


def test_no_host_is_asked_more_often_than_promised_while_all_are_asked_at_once(outlet):
    sites = newspapers(outlet, 20, 6)
    sites[0].robots = "User-agent: *\nCrawl-delay: 0.1\n"

    async def run():
        async with Fetcher(settings(outlet)) as fetcher:
            return await fetch_all(fetcher, story_urls(sites))

    assert {type(found) for found in asyncio.run(run())} == {Fetched}
    assert [sorted(site.paths("/tin")) for site in sites] == [sorted(s.path for s in site.stories) for site in sites]
    assert min(sites[0].gaps()) >= 0.1
    assert min(gap for site in sites for gap in site.gaps()) >= INTERVAL
    together = [visit.host for visit in outlet.visits[:40]]
    assert len({*together}) > 10  # side by side, not one after the other


def test_a_source_may_have_a_pace_of_its_own(outlet):
    (site,) = newspapers(outlet, 1, 4)

    async def run():
        async with Fetcher(settings(outlet)) as fetcher:
            await fetch_all(fetcher, story_urls([site]), pace=HostPace(interval_seconds=0.12, concurrency=3))

    asyncio.run(run())
    assert min(site.gaps()) >= 0.12


def test_a_slow_host_delays_only_itself(outlet):
    slow, *quick = newspapers(outlet, 5, 4)
    slow.pages.update({story.path: Reply(length=9, ending="stall") for story in slow.stories})

    async def run():
        done = []
        async with Fetcher(settings(outlet, total_timeout_seconds=30.0, concurrency=8)) as fetcher:

            async def fetch(url):
                done.append(await fetcher.fetch(url, "article"))

            waiting = [asyncio.ensure_future(fetch(url)) for url in story_urls([slow])]
            await asyncio.gather(*(fetch(url) for url in story_urls(quick)))
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        return done

    assert len(asyncio.run(run())) == 16


@pytest.mark.parametrize("concurrency", [1, 2])
def test_no_more_answers_of_a_host_are_under_way_than_allowed(outlet, concurrency):
    site, other = newspapers(outlet, 2, 4)
    begun, enough = Counter(), Event()

    def pieces():
        begun["now"] += 1
        begun["most"] = max(begun["most"], begun["now"])
        yield b"x"
        enough.wait(timeout=30)
        begun["now"] -= 1
        yield b"y"

    for story in site.stories:
        site.pages[story.path] = lambda request: Reply(headers={"Content-Type": "text/html"}, body=pieces())

    async def run():
        async with Fetcher(settings(outlet, interval_seconds=0.0, host_concurrency=concurrency)) as fetcher:
            held = asyncio.ensure_future(fetch_all(fetcher, story_urls([site])))
            await until(lambda: begun["now"] == concurrency)
            await fetch_all(fetcher, story_urls([other]))  # time enough for one too many
            enough.set()
            return await held

    assert [found.body for found in asyncio.run(run())] == [b"xy"] * 4
    assert begun["most"] == concurrency


async def until(is_so):
    while not is_so():
        await asyncio.sleep(0.001)


PATHS = ["/fault/stall", "/fault/drip", "/fault/large", "/tin/bai-1.html", "/fault/500", "/fault/redirect-chain/5"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("begun", [None, "/robots.txt", "path"])
def test_a_cancelled_run_leaves_nothing_open(outlet, path, begun):
    sites = newspapers(outlet, 4, 2)
    awaited = path if begun == "path" else begun

    async def run():
        chosen = settings(outlet, max_wire_bytes=10**12, max_body_bytes=10**12, attempts=3)
        async with Fetcher(chosen) as fetcher:
            tasks = [asyncio.ensure_future(fetcher.fetch(site.url(path), "article")) for site in sites * 2]
            await asyncio.sleep(0)
            await until(lambda: awaited is None or awaited in sites[0].paths())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    gc.collect()  # what was left open would warn now, and warnings are errors
    assert outlet.wait_until_left()


def test_a_run_ended_from_the_keyboard_leaves_nothing_open(outlet):
    sites = newspapers(outlet, 3, 1)

    def interrupt():
        raise KeyboardInterrupt

    async def run():
        async with Fetcher(settings(outlet)) as fetcher:
            fetches = asyncio.ensure_future(fetch_all(fetcher, [site.url("/fault/stall") for site in sites]))
            await until(lambda: all("/fault/stall" in site.paths() for site in sites))
            asyncio.get_running_loop().call_soon(interrupt)
            await fetches

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(run())
    gc.collect()
    assert outlet.wait_until_left()
