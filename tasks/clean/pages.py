"""From a page to an article."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from schemas.articles import Article, Block, BlockKind, Page
from schemas.errors import RejectArticle
from schemas.settings import CleanLimits
from tasks.clean.address_dates import AddressDay, address_day
from tasks.clean.authors import drop_site_names, keep_people
from tasks.clean.blocks import Line, label_lines, prefix_end, suffix_start
from tasks.clean.boilerplate import Boilerplate, load_boilerplate, with_hints
from tasks.clean.bylines import find_authors, find_wire
from tasks.clean.characters import clean_line, lines_of
from tasks.clean.decoding import decode_page
from tasks.clean.headlines import headline_key, name_key
from tasks.clean.identity import article_id, canonical_url, sha256, source_of
from tasks.clean.language import choose_language
from tasks.clean.publication_dates import Candidate, choose_published, read_stamp, state_date
from tasks.clean.web import WebPage, read_web_page
from tasks.language.folding import fold
from tasks.signature import sign_story

__all__ = ["clean_page"]

_MIN_WORDS = 5
"""A shorter text reports nothing."""
_MAX_TITLE = 400
"""Characters of a line that are compared with the headline."""
_MIN_WEB_WORDS = 20
"""With fewer, what trafilatura found is a menu or a legal notice."""


def clean_page(page: Page, *, limits: CleanLimits, languages: tuple[str, ...]) -> Article:
    """Clean a page: decode it, find its article, tell the parts apart, date it.

    Args:
        page: Bytes as read, with their sidecar; what the sidecar says comes before what the page says.
        limits: What a page may cost.
        languages: ISO 639-1 codes that there are packs for.

    Returns:
        The article. Its blocks cover its text but for the line breaks between them; everything the page (of a
        text file) or trafilatura (of a web page) gives is kept, named for what it is.

    Raises:
        RejectArticle: ``too_large``, ``binary``, ``wrong_encoding``, ``too_many_tags``, ``not_html``,
            ``no_article``, ``unsupported_language``, ``empty``, ``consent_wall``, ``robot_check``, ``not_found``.
        StopFlow: A language's ``boilerplate.toml`` is missing or broken.
    """
    _check_size(page, limits)
    text = decode_page(page)
    packs = [with_hints(load_boilerplate(language), page.hints) for language in languages]
    web = read_web_page(page, text, limits=limits, packs=packs) if page.media == "html" else None
    lines = _with_title(web.lines if web else tuple(map(Line, lines_of(text))), _find_title(page, web))
    joined = "\n".join(line.text for line in lines)
    if joined.count(" ") + len(lines) < _MIN_WORDS:
        raise RejectArticle("no_article" if web else "empty", f"fewer than {_MIN_WORDS} words of text")
    language = choose_language(page.sidecar.language, joined, languages)
    article = _make_article(page, web, lines, language)
    if web and _count_story_words(article) < _MIN_WEB_WORDS:
        raise RejectArticle("no_article", f"fewer than {_MIN_WEB_WORDS} words that are not page furniture")
    return article


def _check_size(page: Page, limits: CleanLimits) -> None:
    most = limits.max_html_bytes if page.media == "html" else limits.max_text_bytes
    if len(page.body) > most:
        raise RejectArticle("too_large", f"{len(page.body):,} bytes of {page.media}; at most {most:,} are cleaned")


def _find_title(page: Page, web: WebPage | None) -> str | None:
    return clean_line(page.sidecar.title or "") or (web.title if web else None)


def _with_title(lines: tuple[Line, ...], title: str | None) -> tuple[Line, ...]:
    """Return the lines with the known headline marked, or put on top if the text lacks it.

    Spellings that differ in marks and dashes alone are one headline; it stays as the text has it.
    """
    if not title:
        return lines
    key = headline_key(title)
    place = next((i for i, line in enumerate(lines) if headline_key(line.text[:_MAX_TITLE]) == key), None)
    if place is None:
        return (Line(title, "title"), *lines)
    return (*lines[:place], Line(lines[place].text, "title"), *lines[place + 1 :])


def _make_article(page: Page, web: WebPage | None, lines: Sequence[Line], language: str) -> Article:
    pack = with_hints(load_boilerplate(language), page.hints)
    kinds = label_lines(lines, pack)
    text = "\n".join(line.text for line in lines)
    blocks = tuple(_make_blocks(lines, kinds, pack))
    parts = [(block.kind, text[block.start : block.end].strip()) for block in blocks]
    bylines = [part for kind, part in parts if kind == "byline"]
    tags = [part for kind, part in parts if kind == "dateline"]
    marked_bylines = web.credits if web else ()
    url = web.url if web else canonical_url(page.sidecar.url, [])
    published_at, published_from = choose_published(
        _list_dates(page, web, _read_first_stamp([*tags, *bylines], pack), pack),
        address=_read_address_day(page, url),
        zone=pack.timezone,
        fetched_at=page.fetched_at,
    )
    return Article(
        article_id=article_id(url, text),
        url=url,
        input=page.input,
        source=source_of(page.input),
        outlet=_find_outlet(page, web, tags, pack),
        title=_first_part(parts, "title"),
        authors=_find_authors(bylines, web, pack),
        lead=_first_part(parts, "lead"),
        published_at=published_at,
        published_on=published_at.date() if published_at else None,
        published_from=published_from,
        language=language,
        text=text,
        text_sha256=sha256(text),
        blocks=blocks,
        near_duplicate_of=None,
        signature=sign_story([part for kind, part in parts if kind in ("lead", "body")]),
        wire=find_wire([*bylines, *tags, *marked_bylines], pack),
        fetched_at=page.fetched_at,
    )


def _list_dates(page: Page, web: WebPage | None, stamp: datetime | None, pack: Boilerplate) -> list[Candidate]:
    """Return the stated dates by their origin, the most trusted first."""
    stamps = [stamp, web.stamp if web else None]
    return [
        ("feed", state_date(page.sidecar.published_at, pack.timezone)),
        ("meta", web.published if web else ()),
        ("text", [one for moment in stamps for one in state_date(moment, pack.timezone)]),
    ]


def _read_address_day(page: Page, url: str | None) -> AddressDay | None:
    return address_day(page.sidecar.url or url, page.hints.address_date if page.hints else None)


def _find_authors(bylines: Sequence[str], web: WebPage | None, pack: Boilerplate) -> tuple[str, ...]:
    """Return whom the page's metadata name, else its by-lines, else whom trafilatura takes for its authors."""
    if web is None:
        return find_authors(bylines, pack)
    site_keys = {name_key(name) for name in web.site_names}
    credited = tuple(drop_site_names(find_authors([*bylines, *web.credits], pack), site_keys))
    return web.authors or credited or keep_people(web.guessed_authors, pack, site_keys)


def _find_outlet(page: Page, web: WebPage | None, tags: Sequence[str], pack: Boilerplate) -> str | None:
    stated = clean_line(page.sidecar.outlet or "") or (page.hints.outlet if page.hints else None)
    return stated or (web.outlet if web else None) or _read_outlet(tags, pack)


def _first_part(parts: Sequence[tuple[BlockKind, str]], kind: BlockKind) -> str | None:
    return next((part for found, part in parts if found == kind), None)


def _count_story_words(article: Article) -> int:
    story = (article.text[b.start : b.end] for b in article.blocks if b.kind in ("lead", "body"))
    return sum(len(part.split()) for part in story)


def _make_blocks(lines: Sequence[Line], kinds: Sequence[BlockKind], pack: Boilerplate) -> Iterator[Block]:
    """Yield each line as one block; an outlet's tag before a paragraph and a credit after it are blocks too."""
    offset = 0
    for line, kind in zip(lines, kinds, strict=True):
        size = len(line.text)
        start, end = _split_paragraph(line.text, pack) if kind in ("lead", "body") else (0, size)
        edges = pairwise([0, start, end, size])
        for (first, last), part in zip(edges, ("dateline", kind, "byline"), strict=True):
            if first < last:
                yield Block(part, offset + first, offset + last)
        offset += size + 1


def _split_paragraph(line: str, pack: Boilerplate) -> tuple[int, int]:
    start, end = prefix_end(line, pack), suffix_start(line, pack)
    return (start, end) if start < end else (0, len(line))


def _read_first_stamp(lines: Sequence[str], pack: Boilerplate) -> datetime | None:
    return next((moment for line in lines if (moment := read_stamp(line, pack))), None)


def _read_outlet(tags: Sequence[str], pack: Boilerplate) -> str | None:
    """Return the outlet that signs the lead with its tag; None if none does."""
    found = (p.name for tag in tags for p in pack.prefix if p.name and p.pattern.search(fold(f"{tag} ")))
    return next(found, None)
