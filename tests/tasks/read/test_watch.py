from datetime import UTC, datetime, timedelta

import pytest

from outlet.replies import page, redirect
from schemas.articles import Page
from schemas.fetches import Fetch
from schemas.links import Link
from schemas.settings import FetchSettings, LinkLimits
from schemas.sources import Politeness, Source
from tasks.read.fetched import to_page
from tasks.read.watch import LinkRequest, Watch

QUICK = {
    "contact": "tests@outlet.test", "interval_seconds": 0.0, "backoff_seconds": 0.01, "attempts": 2,
    "read_timeout_seconds": 2.0,
}  # fmt: skip


@pytest.fixture
def site(outlet):
    return outlet.site("o1.outlet.test", stories=4)


@pytest.fixture
def watch(outlet, site):
    def make(feeds=(), sitemaps=(), requests=(), before=None, links=None, **settings):
        source = Source(
            id="o1",
            name="Báo o1",
            language="vi",
            country="VN",
            kind="national",
            homepage=site.base,
            hosts=("o1.outlet.test",),
            feeds=tuple(map(site.url, feeds)),
            sitemaps=tuple(map(site.url, sitemaps)),
            politeness=Politeness(seconds_between_requests=0.0, connections=2),
        )
        return Watch(
            sources=[source],
            requests=requests,
            feeds_before=before,
            settings=FetchSettings(**{"allowed_hosts": outlet.allowed_hosts, **QUICK, **settings}),
            limits=LinkLimits(**{"sitemap_days": 10_000, "max_sitemap_days": 10_000, **(links or {})}),
            clock=lambda: datetime.now(UTC),
        )

    return make


def read(watch):
    items = list(watch.read())
    return [item for item in items if isinstance(item, Fetch)], [item for item in items if isinstance(item, Page)]


@pytest.mark.parametrize(
    "lists",
    [
        {"feeds": ["/feed-as-html.xml"]},
        {"sitemaps": ["/sitemap-relative.xml"]},
        {"sitemaps": ["/sitemap-indexes.xml"]},
        {"sitemaps": ["/sitemap.xml.gz"]},
    ],
)
def test_every_form_of_list_leads_to_every_story(site, watch, lists):
    fetches, pages = read(watch(**lists))
    assert sorted(page.input for page in pages) == [site.url(story.path) for story in site.stories]
    assert {fetch.state for fetch in fetches} == {"fetched"}


def test_ampersands_lose_no_entry_and_are_told(site, watch):
    pass_ = watch(sitemaps=["/sitemap-ampersands.xml"])
    fetches, _ = read(pass_)
    assert len(fetches) == 4
    (row,) = pass_.finished_feeds()
    assert (row.state, row.code) == ("fetched", "entries_dropped")
    assert pass_.reports[0].problems


def test_an_index_deeper_than_allowed_is_told(watch):
    pass_ = watch(sitemaps=["/sitemap-indexes.xml"], links={"max_index_depth": 0})
    assert read(pass_) == ([], [])
    (report,) = pass_.reports
    assert report.dropped == {"repeated": 1, "over_limit": 1}
    assert "over_limit" in report.problems[0]


def test_an_index_that_leads_in_a_circle_ends(site, watch):
    for here, there in (("/1.xml", "/2.xml"), ("/2.xml", "/1.xml")):
        site.pages[here] = page(f"<sitemapindex><sitemap><loc>{there}</loc></sitemap></sitemapindex>", "text/xml")
    pass_ = watch(sitemaps=["/1.xml"])
    assert read(pass_) == ([], [])
    assert site.paths("/1") + site.paths("/2") == ["/1.xml", "/2.xml"]


def test_a_run_without_time_puts_every_link_off_and_counts_no_try(site, watch):
    link = Link(url=site.url("/tin/bai-0.html"), found_in="")
    fetches, pages = read(watch(requests=[LinkRequest(link, attempt=5)], run_budget_seconds=0.0, runs=5))
    assert [(fetch.state, fetch.code, fetch.attempt, fetch.requests) for fetch in fetches] == [
        ("later", "out_of_time", 5, 0)
    ]
    assert fetches[0].retry_at <= datetime.now(UTC)
    assert (pages, site.visits) == ([], [])


def test_a_host_that_asks_for_long_pauses_does_not_hold_up_the_run(outlet, site, watch):
    site.robots = "User-agent: *\nCrawl-delay: 60\n"
    fetches, _ = read(watch(feeds=["/feed.xml"], run_budget_seconds=1.0))
    assert fetches == [], "the feed itself was put off, behind robots.txt"
    other = outlet.site("o2.outlet.test", stories=1)
    links = [LinkRequest(Link(url=one.url("/tin/bai-0.html"), found_in="")) for one in (site, other)]
    fetches, pages = read(watch(requests=links, run_budget_seconds=1.0))
    assert {fetch.source: fetch.code for fetch in fetches} == {"o1.outlet.test": "out_of_time", "o2.outlet.test": None}
    assert len(pages) == 1


def test_one_bad_answer_costs_no_other_link_and_no_other_source(site, watch):
    site.pages["/feed.xml"] = redirect("http://xn--a/")
    site.pages["/tin/bai-1.html"] = redirect("http://xn--a/")
    site.pages["/tin/bai-2.html"] = page("<p>Tin</p>", "text/html; charset*=a; charset*0=b")
    pass_ = watch(feeds=["/feed.xml", "/atom.xml"])
    fetches, pages = read(pass_)
    assert sorted((fetch.state, fetch.code or "") for fetch in fetches) == [
        ("fetched", ""), ("fetched", ""), ("fetched", ""), ("rejected", "bad_url"),
    ]  # fmt: skip
    assert len(pages) == 3
    assert {row.code for row in pass_.finished_feeds()} == {"bad_url", None}


def test_what_nobody_foresaw_costs_one_link(site, watch, monkeypatch):
    def fail(link, *args, **options):
        if link.url.endswith("/bai-1.html"):
            raise LookupError("odd")
        return to_page(link, *args, **options)

    monkeypatch.setattr("tasks.read.watch.to_page", fail)
    fetches, pages = read(watch(feeds=["/feed.xml"]))
    assert [fetch.code for fetch in fetches if fetch.input.endswith("/bai-1.html")] == ["fetch_failed"]
    assert len(pages) == 3


def test_the_counts_of_a_source_add_up(site, watch):
    known = site.url("/tin/bai-3.html")
    site.pages["/feed.xml"] = page(
        "<rss><channel>" + "".join(
            f"<item><link>{link}</link></item>"
            for link in (known, known, "https://khac.vn/", "", *(site.url(f"/tin/bai-{n}.html") for n in (0, 1, 9)))
        ) + "</channel></rss>", "text/xml",
    )  # fmt: skip
    given = LinkRequest(Link(url=site.url("/tin/bai-2.html"), found_in="", source="o1"))
    pass_ = watch(feeds=["/feed.xml", "/atom.xml"], requests=[given])
    pass_._is_known = lambda link: link == known
    read(pass_)
    (report,) = pass_.reports
    assert (report.links, report.known, report.requested) == (4, 1, 1)
    assert report.asked == {"fetched": 3, "rejected": 1}
    assert sum(report.asked.values()) == report.links - report.known + report.requested
    assert report.dropped == {"repeated": 5, "elsewhere": 1, "no_address": 1}
    assert report.links + sum(report.dropped.values()) == 7 + 4, "the entries of both feeds"


@pytest.mark.parametrize(
    ("last_read_days_ago", "read_days_ago"),
    [(None, (0, 2)), (0.1, (0, 2)), (10, (0, 2, 9)), (400, (0, 2, 9, 29))],
)
def test_after_an_outage_sitemaps_are_read_back_to_the_last_run(site, watch, last_read_days_ago, read_days_ago):
    now = datetime.now(UTC)
    rows = "".join(
        f"<url><loc>/tin/{days}.html</loc><lastmod>{(now - timedelta(days=days)).isoformat()}</lastmod></url>"
        for days in (0, 2, 9, 29, 31)
    )
    site.pages["/sitemap.xml"] = page(f"<urlset>{rows}</urlset>", "text/xml")
    pass_ = watch(sitemaps=["/sitemap.xml"], links={"sitemap_days": 3, "max_sitemap_days": 30})
    pass_._last_read = {} if last_read_days_ago is None else {"o1": now - timedelta(days=last_read_days_ago)}
    read(pass_)
    assert site.paths("/tin/") == [f"/tin/{days}.html" for days in read_days_ago]
    assert dict(pass_.reports[0].dropped) == {"too_old": 5 - len(read_days_ago)}


def test_what_feeds_said_is_not_given_before_the_end(watch):
    pass_ = watch(feeds=["/feed.xml"])
    items = pass_.read()
    next(items)
    with pytest.raises(RuntimeError):
        pass_.finished_feeds()
    items.close()
