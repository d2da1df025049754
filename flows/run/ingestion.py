"""What a run reads: files, folders and archives as named, links as given, sources as watched."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from secrets import token_hex

from flows.run.batch import Run
from flows.run.pipeline import Submit, run_batches
from flows.run.summary import IngestSummary
from schemas.articles import Page
from schemas.errors import RejectArticle, StopFlow
from schemas.fetches import Fetch
from schemas.fetching import Validators
from schemas.links import Link
from schemas.rejects import Reject
from schemas.sources import Source
from schemas.stream import InputItem
from tasks.clean.identity import source_of
from tasks.lake import Batch, LakeHistory, append_batch, last_fetches, load_file_history, put_off_links
from tasks.read.files import read_files
from tasks.read.links.selection import read_link, read_url_list
from tasks.read.lists import parse_in_workers
from tasks.read.printable import printable_link
from tasks.read.sources.catalogue import choose_sources, watched_sources, with_source_hints
from tasks.read.watch import LinkRequest, Watch

__all__ = ["Assignment", "read_and_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a run is to read. Nothing named at all means every watched source."""

    inputs: tuple[str, ...] = ()
    """Files, folders, archives, and links to be fetched."""
    sources: tuple[str, ...] = ()
    """Ids of watched sources."""
    lists: tuple[str, ...] = ()
    """Files with one link on each line."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Files, folders and archives; may be empty."""
        return tuple(given for given in self.inputs if not _is_link(given))

    @property
    def links(self) -> tuple[str, ...]:
        """Links given one by one; may be empty."""
        return tuple(given for given in self.inputs if _is_link(given))

    @property
    def is_everything(self) -> bool:
        """Nothing is named."""
        return not (self.inputs or self.sources or self.lists)

    @property
    def needs_web(self) -> bool:
        """Something is to be fetched."""
        return bool(self.links or self.sources or self.lists) or self.is_everything

    @property
    def name(self) -> str:
        """What a run is called, and what the ``source`` column says of files: a source, a folder, a host, a list."""
        if self.is_everything:
            return "all-sources"
        if self.sources:
            return self.sources[0] if len(self.sources) == 1 else "sources"
        first = (*self.inputs, *self.lists)[0]
        if _is_link(first):
            return source_of(first)
        folder = Path(first).resolve()
        return (folder if folder.is_dir() else folder.parent).name or "files"


def read_and_run(wanted: Assignment, run: Run, submit: Submit) -> IngestSummary:
    """Read everything wanted and take it through all stages into the lake: files first, then the web.

    Args:
        wanted: What to read.
        run: What all batches share.
        submit: Runs the steps.

    Raises:
        StopFlow: There is no such source, a setting makes no sense, the lake cannot be written, or the worker
            processes are gone.
    """
    passed = Counter[str]()
    files = _read_files(wanted, run, passed)
    if not wanted.needs_web:
        return replace(run_batches(files, run, submit), passed_over=dict(passed))
    refused, watch = _prepare_watch(wanted, run)
    items: Iterator[InputItem] = chain(files, refused, watch.read())
    summary = run_batches(items, run, submit)
    _store_feeds(watch.finished_feeds(), run)
    return replace(summary, passed_over=dict(passed), sources=watch.reports)


def _read_files(wanted: Assignment, run: Run, passed: Counter[str]) -> Iterator[InputItem]:
    """Pages of files and archives, with what is known of the outlets that they are from."""
    catalogue = watched_sources(run.settings)
    found_in_folders = read_files(
        wanted.paths,
        now=run.clock(),
        limits=run.settings.limits,
        known=run.known.has_link,
        passed=passed,
        files_read=load_file_history(run.lake, run.extractor) if run.settings.skip_known_files else None,
        source=run.source,
    )
    for found in found_in_folders:
        yield with_source_hints(found, catalogue) if isinstance(found, Page) else found


def _is_link(given: str) -> bool:
    return given.lower().startswith(("http://", "https://"))


def _prepare_watch(wanted: Assignment, run: Run) -> tuple[list[Reject], Watch]:
    """What of the wanted links is none, and the pass that reads the others."""
    catalogue = watched_sources(run.settings)
    sources = catalogue if wanted.is_everything else choose_sources(wanted.sources, catalogue)
    found = [*_given(wanted.links, catalogue), *_listed(wanted.lists, catalogue, run)]
    links = [link for link in found if isinstance(link, Link)]
    before = last_fetches(run.lake, "article", [link.url for link in links]) if links else {}
    requests = [LinkRequest(link, validators=_validators(before.get(link.url), run.known)) for link in links]
    # A run over single sources or links leaves alone what others have put off.
    due = put_off_links(run.lake, run.clock())
    due = tuple(fetch for fetch in due if wanted.is_everything or fetch.source in wanted.sources)
    watch = Watch(
        sources=sources,
        catalogue=catalogue,
        requests=[*requests, *map(_again, due)],
        is_known=run.known.has_link,
        feeds_before=last_fetches(run.lake, "feed"),
        settings=run.settings.fetching,
        limits=run.settings.links,
        clock=run.clock,
        parse=parse_in_workers(run.pool),
    )
    return [reject for reject in found if isinstance(reject, Reject)], watch


def _given(links: Sequence[str], catalogue: tuple[Source, ...]) -> Iterator[Link | Reject]:
    for url in links:
        try:
            yield read_link(url, sources=catalogue, found_in="")
        except RejectArticle as error:
            yield Reject(input=printable_link(url), stage="read", code=error.code, message=error.message)


def _listed(lists: Sequence[str], catalogue: tuple[Source, ...], run: Run) -> Iterator[Link | Reject]:
    for name in lists:
        try:
            with Path(name).open("rb") as file:  # a device or a pipe may never end
                body = file.read(run.settings.links.max_list_bytes + 1)
        except OSError as error:
            raise StopFlow(f"cannot read the list of links {name}: {error.strerror}; name another file") from error
        yield from read_url_list(body, name=name, sources=catalogue, limits=run.settings.links)


def _again(fetch: Fetch) -> LinkRequest:
    link = Link(
        url=fetch.input,
        title=fetch.title,
        published_at=fetch.published_at,
        source=fetch.source,
        found_in=fetch.found_in or "",
    )
    was_asked = fetch.code != "out_of_time"
    return LinkRequest(link, attempt=fetch.attempt + was_asked)


def _validators(before: Fetch | None, known: LakeHistory) -> Validators | None:
    """Return what to ask "has it changed?" with; None for a page that no article was made of, which is read again."""
    if before is None or not known.has_stored(before.input):
        return None
    return Validators(etag=before.etag, last_modified=before.last_modified)


def _store_feeds(feeds: Sequence[Fetch], run: Run) -> None:
    """Remember feeds as read, now that all they led to is stored."""
    if not feeds:
        return
    now = run.clock()
    batch = Batch(
        batch_id=f"{now:%Y%m%dT%H%M%S%f}-{token_hex(3)}",
        run_id=run.run_id,
        extracted_at=now,
        articles=(),
        meetings=(),
        quotes=(),
        topics=(),
        rejects=(),
        extractor=run.extractor,
        fetches=tuple(feeds),
    )
    append_batch(run.lake, batch, written_at=now)
