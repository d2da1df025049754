"""Settings of a run; every one has a default, the command line overrides it."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = [
    "AlertSettings",
    "CleanLimits",
    "FetchSettings",
    "IngestSettings",
    "LinkLimits",
    "MaintainSettings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanLimits:
    """What one page may cost before it is rejected."""

    max_file_bytes: int = 50_000_000
    """A larger file is not even read."""
    max_html_bytes: int = 2_000_000
    """Generous for an article; 5 MB of markup can take trafilatura minutes."""
    max_text_bytes: int = 5_000_000
    max_html_tags: int = 60_000
    """Counted before parsing: 500,000 ``<br>`` take half a minute and 700 MB."""
    page_timeout_seconds: float = 20.0
    """Time of the processor. A worker that takes longer over one page is ended and replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLimits:
    """What a feed, a sitemap or a list of URLs may cost, and how much of it is used."""

    max_feed_bytes: int = 10_000_000
    max_feed_tags: int = 300_000
    """Counted before parsing; twice what ten thousand entries need. Feedparser takes some 30 µs for each."""
    max_sitemap_bytes: int = 50_000_000
    """Unpacked; the bound of the protocol (sitemaps.org)."""
    max_sitemap_tags: int = 3_000_000
    """Three times what the 50,000 entries need that the protocol allows."""
    max_list_bytes: int = 50_000_000
    max_links: int = 10_000
    """Of one feed the first, of one sitemap the newest."""
    max_children: int = 50
    """Sitemaps that one index leads to, the newest first."""
    max_index_depth: int = 3
    """How deep indexes of sitemaps may name further indexes."""
    parse_timeout_seconds: float = 20.0
    """Time of the processor. A worker that takes longer over one feed or sitemap is ended and replaced."""
    sitemap_days: int = 3
    """What a sitemap dates earlier is left alone, if the source was read since; many of them hold years."""
    max_sitemap_days: int = 30
    """After an outage sitemaps are read back to when their source was last read, but no further than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How the web is asked: who asks, how gently, how long, how much, and where we never go."""

    contact: str = ""
    """Web page or mail address that stands in the User-Agent, so that a host can complain; must be given."""

    interval_seconds: float = 1.0
    """From the beginning of a host's answer to the next request to it; a longer crawl-delay of robots.txt wins."""
    max_crawl_delay_seconds: float = 60.0
    """A host that asks for more is asked this often all the same, and the log says so."""
    host_concurrency: int = 2
    """Answers of one host that may be under way at once."""
    concurrency: int = 64
    """Answers of all hosts together that may be under way at once."""

    run_budget_seconds: float = 1_800.0
    """How long a run may go on asking. Links that it does not reach are put off, so that a host that asks for long
    pauses or answers slowly does not keep the others waiting for the next run."""

    attempts: int = 4
    """Tries of one URL before it is put off."""
    runs: int = 5
    """A link that so many runs have put off is rejected."""
    backoff_seconds: float = 1.0
    """The first pause is drawn from 0 to this; each further one from twice the range."""
    max_backoff_seconds: float = 60.0
    """No pause of ours is drawn from a longer range."""
    max_retry_after_seconds: float = 120.0
    """A host that asks for a longer pause is put off at once; a shorter one is waited for."""
    failures_before_pause: int = 10
    """So many failed tries in a row, of whatever URLs, and the host is left alone."""
    host_pause_seconds: float = 600.0
    """For how long; also where robots.txt cannot be had."""

    connect_timeout_seconds: float = 10.0
    """For finding the address, and again for TCP and TLS."""
    read_timeout_seconds: float = 20.0
    """Between two pieces of an answer."""
    total_timeout_seconds: float = 60.0
    """For one answer, however steadily it drips."""

    max_wire_bytes: int = 10_000_000
    """Of one body as sent."""
    max_body_bytes: int = 30_000_000
    """Of one body when decompressed; decompression stops there."""
    max_url_chars: int = 2_000
    """Longer links are refused."""
    max_redirects: int = 5

    article_types: tuple[str, ...] = ("text/html", "application/xhtml+xml", "text/plain")
    """Content types that may be an article."""
    feed_types: tuple[str, ...] = (
        "application/rss+xml",
        "application/atom+xml",
        "application/xml",
        "text/xml",
        "application/*",
        "text/*",
        "binary/octet-stream",
    )
    """Content types that may be a feed or sitemap. Servers name them in many wrong ways, so what is in a document
    decides; only pictures, films and the like are not even read. Gzip files are unpacked."""

    robots_max_age_seconds: float = 86_400.0
    """How long a robots.txt counts; RFC 9309 allows a day."""
    max_robots_bytes: int = 512_000
    """What comes after these 500 KiB is not read."""

    allowed_hosts: tuple[str, ...] = ()
    """Hosts that may be asked though they are not public, each ``host``, ``host:port`` or either with ``=address``.
    The name must match exactly, in Punycode if need be; without a port, 80 and 443 are meant; with an address, no
    resolver is asked."""
    ca_file: str | None = None
    """PEM file of certificates to trust beside the public ones, for hosts of an intranet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """When a run in Prefect says something as an event that an automation may act on."""

    meetings: int = 20
    """At most so many events about new meetings; the last one says how many more there were."""
    silent_hours: float = 48.0
    """A source that has given no article for so long is silent."""
    degraded_share: float = 0.5
    """A run that rejects more of its inputs is degraded."""
    degraded_inputs: int = 20
    """Of fewer inputs, a share says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """How an ingest run works; nothing here changes what ends up in the tables."""

    workers: int = 2
    """Processes that clean and extract."""
    batch_size: int = 50
    """Articles in one batch: one task run per stage, one file per table."""
    batch_bytes: int = 32_000_000
    """A batch of large pages is closed sooner; bounds memory together with ``batches_in_flight``."""
    batches_in_flight: int = 4
    """Batches read but not yet written; bounds memory. With fewer than four, workers wait while the oldest is written:
    its rows are joined behind the pages of a younger one."""
    worker_memory_bytes: int = 2_000_000_000
    """Address space that a worker may take beyond its start; a page that needs more is rejected."""
    keep_pages: bool = True
    """Store pages from the web as received, so that cleaning can be run again; about 30 KB each, compressed."""
    copies_days: int = 7
    """Near-duplicates are looked for among the articles of so many days."""
    limits: CleanLimits = CleanLimits()
    links: LinkLimits = LinkLimits()
    fetching: FetchSettings = FetchSettings()
    catalogue: str = ""
    """Folder of watched sources; by default the one that comes with Parley."""
    skip_known_files: bool = False
    """Pass over the files of a folder that an earlier run with this setting, and with the same version of code and
    rules, has read and that have not changed since: for an inbox that is read again and again (``--every``)."""
    alerts: AlertSettings = AlertSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintainSettings:
    """How a lake is compacted and tidied."""

    target_bytes: int = 32_000_000
    """Least size of a file of articles, as far as there are enough of them; bounds memory, at some 15 times of it."""
    grace: timedelta = timedelta(hours=1)
    """How long superseded files stay for those who are reading them."""
    leftover: timedelta = timedelta(hours=24)
    """How long a file must lie about before it is taken for a crashed writer's; longer than any writer needs."""
    pages_age: timedelta | None = timedelta(days=90)
    """Pages as received are kept for so long; None keeps them however old. Without its page an article cannot be
    cleaned again, but its text can still be extracted from."""
    pages_bytes: int | None = None
    """All pages together; what is above it goes, the oldest first. None sets no bound."""
