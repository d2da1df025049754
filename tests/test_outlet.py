"""The newspapers that other tests read must be worth reading, and must be there as a process too."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outlet.feeds import BAD_FEEDS, FEEDS
from schemas.articles import Page, Sidecar
from schemas.settings import CleanLimits
from tasks.clean import clean_page
from tasks.meetings import find_meetings
from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes

HOST = "o1.outlet.test"


def get(port, host, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def test_every_story_tells_of_a_meeting_and_quotes_somebody(outlet):
    site = outlet.site(HOST, stories=3)
    for story in site.stories:
        body = get(outlet.port, HOST, story.path)
        page = Page(
            input=site.url(story.path), media="html", body=body, sidecar=Sidecar(), fetched_at=datetime.now(UTC)
        )
        document = annotate(clean_page(page, limits=CleanLimits(), languages=("vi", "en")))
        assert document.article.published_at == story.published_at
        assert len(find_meetings(document)) == 1
        assert [quote.speaker for quote in find_quotes(document)] == ["Lâm Vĩnh An"]


@pytest.mark.parametrize("path", [*FEEDS, *BAD_FEEDS])
def test_every_feed_is_there(outlet, path):
    outlet.site(HOST, stories=2)
    assert get(outlet.port, HOST, path)


def test_feeds_follow_what_is_published_and_visits_are_written_down(outlet):
    site, other = outlet.site(HOST, stories=1), outlet.site("o2.outlet.test")
    assert get(outlet.port, HOST, "/feed.xml").count(b"<item>") == 1
    site.publish(2)
    assert get(outlet.port, HOST, "/feed.xml").count(b"<item>") == 3
    assert (site.paths(), other.paths()) == (["/feed.xml"] * 2, [])
    assert [visit.host for visit in outlet.visits] == [HOST] * 2
    assert len(site.gaps()) == 1
    with pytest.raises(urllib.error.HTTPError, match="421"):
        get(outlet.port, "o3.outlet.test", "/")


def test_the_outlet_runs_as_a_process_that_others_can_steer():
    command = [sys.executable, "-m", "outlet", "--hosts", "2", "--articles", "3", "--crawl-delay", "0.5"]
    tests = str(Path(__file__).parent)
    with subprocess.Popen(command, cwd=tests, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            about = json.loads(process.stdout.readline())
            port = int(about["address"].partition(":")[2])
            assert about["allowed_hosts"] == [f"o{n:02d}.outlet.test:{port}=127.0.0.1" for n in range(2)]
            assert b"Crawl-delay: 0.5" in get(port, "o01.outlet.test", "/robots.txt")
            get(port, "127.0.0.1", "/publish/4")
            assert get(port, "o01.outlet.test", "/feed.xml").count(b"<item>") == 7
            visits = [json.loads(line) for line in get(port, "127.0.0.1", "/visits").splitlines()]
            assert [(visit["host"], visit["path"]) for visit in visits] == [
                ("o01.outlet.test", "/robots.txt"),
                ("o01.outlet.test", "/feed.xml"),
            ]
        finally:
            process.terminate()
            process.wait(timeout=30)
    assert process.returncode == 0
