"""What a run reads: files, folders and archives as named, links as given, sources as watched."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.run.context import RunContext
from schemas.articles import Page
from schemas.errors import RejectArticle, StopFlow
from schemas.fetches import Fetch
from schemas.fetching import Validators
from schemas.links import Link
from schemas.rejects import Reject
from schemas.sources import Source
from schemas.stream import InputItem
from tasks.clean.identity import source_of
from tasks.lake import LakeHistory, last_fetches, load_file_history, put_off_links, sources_last_read
from tasks.read.files import read_files
from tasks.read.links.selection import read_link, read_url_list
from tasks.read.lists import parse_in_workers
from tasks.read.printable import printable_link, without_password
from tasks.read.sources.catalogue import choose_sources, watched_sources, with_source_hints
from tasks.read.watch import LinkRequest, Watch

__all__ = ["InputSelection", "plan_fetching", "read_local_inputs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSelection:
    """What a run is to read. Nothing named at all means every watched source."""

    inputs: tuple[str, ...] = ()
    """Files, folders, archives, and links to be fetched."""
    sources: tuple[str, ...] = ()
    """Ids of watched sources."""
    lists: tuple[str, ...] = ()
    """Files with one link on each line."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the files, folders and archives; may be empty."""
        return tuple(given for given in self.inputs if not _is_link(given))

    @property
    def links(self) -> tuple[str, ...]:
        """Return the links given one by one; may be empty."""
        return tuple(given for given in self.inputs if _is_link(given))

    @property
    def is_everything(self) -> bool:
        """Return True if nothing is named."""
        return not (self.inputs or self.sources or self.lists)

    @property
    def needs_web(self) -> bool:
        """Return True if something is to be fetched."""
        return bool(self.links or self.sources or self.lists) or self.is_everything

    @property
    def name(self) -> str:
        """Return what the run is called, and what the ``source`` column says of files.

        It is the name of a source, a folder, a host or the folder of a list.
        """
        if self.is_everything:
            return "all-sources"
        if self.sources:
            return self.sources[0] if len(self.sources) == 1 else "sources"
        first = (*self.inputs, *self.lists)[0]
        if _is_link(first):
            return source_of(without_password(first))
        folder = Path(first).resolve()
        return (folder if folder.is_dir() else folder.parent).name or "files"


def read_local_inputs(wanted: InputSelection, run: RunContext, passed: Counter[str]) -> Iterator[InputItem]:
    """Read the files, folders and archives of a selection, with what is known of the outlets that they are from.

    Args:
        wanted: What to read.
        run: Its clock, limits and what the lake knows already.
        passed: Counts what is passed over, by reason, while reading.
    """
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


def plan_fetching(wanted: InputSelection, run: RunContext) -> tuple[list[Reject], Watch]:
    """Split what is wanted of the web into rejects, which are no valid links, and a `Watch` that fetches the rest.

    Raises:
        StopFlow: There is no such source, or a list of links cannot be read.
    """
    catalogue = watched_sources(run.settings)
    sources = catalogue if wanted.is_everything else choose_sources(wanted.sources, catalogue)
    found = [*_read_links(wanted.links, catalogue), *_read_lists(wanted.lists, catalogue, run)]
    links = [link for link in found if isinstance(link, Link)]
    watch = Watch(
        sources=sources,
        catalogue=catalogue,
        requests=[*_request_links(links, run), *_request_due(wanted, run)],
        is_known=run.known.has_link,
        feeds_before=last_fetches(run.lake, "feed"),
        settings=run.settings.fetching,
        limits=run.settings.links,
        clock=run.clock,
        parse=parse_in_workers(run.pool),
        last_read=sources_last_read(run.lake),
    )
    return [reject for reject in found if isinstance(reject, Reject)], watch


def _is_link(given: str) -> bool:
    return given.lower().startswith(("http://", "https://"))


def _read_links(links: Sequence[str], catalogue: tuple[Source, ...]) -> Iterator[Link | Reject]:
    for url in links:
        try:
            yield read_link(url, sources=catalogue, found_in="")
        except RejectArticle as error:
            yield Reject(input=printable_link(url), stage="read", code=error.code, message=error.message)


def _read_lists(lists: Sequence[str], catalogue: tuple[Source, ...], run: RunContext) -> Iterator[Link | Reject]:
    for name in lists:
        try:
            with Path(name).open("rb") as file:  # a device or a pipe may never end
                body = file.read(run.settings.links.max_list_bytes + 1)
        except OSError as error:
            raise StopFlow(f"cannot read the list of links {name}: {error.strerror}; name another file") from error
        yield from read_url_list(body, name=name, sources=catalogue, limits=run.settings.links)


def _request_links(links: Sequence[Link], run: RunContext) -> list[LinkRequest]:
    """Ask for each link, on condition that it has changed since it was last fetched."""
    before = last_fetches(run.lake, "article", [link.url for link in links]) if links else {}
    return [LinkRequest(link, validators=_read_validators(before.get(link.url), run.known)) for link in links]


def _request_due(wanted: InputSelection, run: RunContext) -> list[LinkRequest]:
    """Ask again for links that were put off until now; a run over some sources leaves alone those of others."""
    due = put_off_links(run.lake, run.clock())
    return [_request_again(fetch) for fetch in due if wanted.is_everything or fetch.source in wanted.sources]


def _request_again(fetch: Fetch) -> LinkRequest:
    link = Link(
        url=fetch.input,
        title=fetch.title,
        published_at=fetch.published_at,
        source=fetch.source,
        found_in=fetch.found_in or "",
    )
    was_asked = fetch.code != "out_of_time"
    return LinkRequest(link, attempt=fetch.attempt + was_asked)


def _read_validators(before: Fetch | None, known: LakeHistory) -> Validators | None:
    """Return what to ask "has it changed?" with; None for a page that no article was made of, which is read again."""
    if before is None or not known.has_stored(before.input):
        return None
    return Validators(etag=before.etag, last_modified=before.last_modified)
