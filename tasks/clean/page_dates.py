"""When a page says that its article was published: metadata, ``time`` elements and visible stamps.

Dates of change, of other articles, of films and of the site are left alone; what is not believable is no date.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from itertools import islice

from lxml.html import HtmlElement

from schemas.sources import DateOrder
from tasks.clean.boilerplate import Boilerplate
from tasks.clean.characters import clean_line
from tasks.clean.feed_dates import read_feed_date
from tasks.clean.page_parts import belongs_elsewhere, list_near_headline
from tasks.clean.publication_dates import MAX_STAMP_CHARACTERS, StatedDate, read_stamp, state_date
from tasks.language.folding import fold

__all__ = ["PageDates", "read_page_dates", "read_stated_date"]

_PUBLISHED_NAMES = frozenset(
    """article:published_time article:published og:published_time og:article:published_time og:pubdate
    published_time publishedtime datepublished date_published published-date published_date publisheddate published_at
    pubdate pub_date publishdate publish-date publish_date publish_time publicationdate publication_date
    publication-date originalpublicationdate article_date_original article.published dc.date.issued dcterms.issued
    dc.issued sailthru.date parsely-pub-date cxenseparse:recs:publishtime citation_publication_date bt:pubdate
    displaydate rnews:datepublished prism.publicationdate""".split()  # noqa: SIM905 (one string is easier to extend)
)
"""Names of ``meta`` elements, in lower case, that mean the day of publication."""
_WEAK_NAMES = frozenset({"date", "dc.date", "dcterms.date", "article.created", "citation_date", "itemprop:datecreated"})
"""Names that mostly mean it; believed where nothing better is said."""
_PUBLISHED_PROPERTIES = "//*[contains(translate(@itemprop, 'DP', 'dp'), 'datepublished')]"
_MAX_STATED = 50
"""Dates in a page's markup; a page made to hurt states thousands."""
_CHANGED = re.compile(r"updat|modif|edited|revis", re.IGNORECASE)
"""In classes, ids and properties of elements: when something was changed."""
_MAX_PARTS = 4
_MAX_STRINGS = 12
"""Elements in, and strings of, an element that holds a stamp and nothing else."""
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=$|[ T])")
_TWELVE_HOURS = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}\b.{1,20}[ \d][AP]\.?M\.?$", re.IGNORECASE)
"""``4/3/2025 2:05 PM``: systems that print AM and PM often put the month first, in any country."""
_SHORT_HOUR = re.compile(r"^(\d{4}-\d\d-\d\d)[ T](\d):")
_DAY_OF_MAIL = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4}")
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(?=$|Z|[+-])")
_ZONE_IN_WORDS = re.compile(r" ?\([A-Za-z ]{4,60}\)$")
"""``(Indochina Time)``, as browsers print dates."""
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?$")
_PROBES = (UTC, timezone(timedelta(hours=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDates:
    """Dates of publication that a page's markup states."""

    metadata: tuple[StatedDate, ...]
    """The surest first."""
    visible: datetime | None
    """A stamp near the headline, in words or figures for readers."""


def read_page_dates(
    tree: HtmlElement, structured: Iterable[str], *, packs: Sequence[Boilerplate], headline: HtmlElement | None
) -> PageDates:
    """Read when a page says that its article was published.

    Args:
        tree: The page.
        structured: Dates of the page's own article in JSON-LD, as printed.
        packs: Boilerplate of the languages that the page may be in, the likeliest first.
        headline: The element of the headline, if one is found; stamps are looked for behind it.
    """
    pack = packs[0]
    names = list(_list_meta(tree))
    stated = [
        *(text for name, text in names if name in _PUBLISHED_NAMES),
        *structured,
        *_list_microdata(tree),
        *_list_times(tree, headline, packs),
        *(text for name, text in names if name in _WEAK_NAMES),
    ]
    found = tuple(one for text in stated for one in _read_date(text, pack))
    return PageDates(metadata=found, visible=_find_visible_stamp(tree, headline, packs))


def _read_date(text: str, pack: Boilerplate) -> list[StatedDate]:
    """Return the date of a text for machines, or of a stamp for readers, as a list of at most one."""
    found = read_stated_date(text, zone=pack.timezone, date_order=pack.date_order)
    return [found] if found else state_date(read_stamp(clean_line(text), pack), pack.timezone)


def read_stated_date(text: str, *, zone: tzinfo, date_order: DateOrder) -> StatedDate | None:
    """Read a date of a page's metadata: ISO 8601, RFC 822, digits in any order, seconds since 1970, words.

    Args:
        text: As printed.
        zone: The zone of times that name none; a day without a time begins there.
        date_order: How ``04/05/2024`` is meant.

    Returns:
        None for what is no date, or could mean two days.
    """
    plain = _ZONE_IN_WORDS.sub("", clean_line(text))
    plain = _COMPACT.sub(_spell_compact, plain) if not plain.isdigit() or len(plain) in (8, 12, 14) else plain
    plain = _YEAR_FIRST.sub(_spell_year_first, plain)
    plain = _SHORT_HOUR.sub(r"\1 0\2:", plain)
    plain = f"{plain} 00:00:00" if _DAY_OF_MAIL.fullmatch(plain) else plain
    twelve_hours = _TWELVE_HOURS.match(plain)
    if twelve_hours:
        first, second = map(int, twelve_hours.groups())
        if first != second and first <= 12 and second <= 12:
            return None
        date_order = "mdy" if second > 12 else "dmy"
    moment = read_feed_date(plain, zone=zone, date_order=date_order)
    if moment is None:
        return None
    probes = {read_feed_date(plain, zone=probe, date_order=date_order) for probe in _PROBES}
    is_zoned = len(probes) == 1
    local = moment.astimezone(_read_offset(plain) or zone) if is_zoned else moment.astimezone(zone)
    return StatedDate(local, is_zoned, has_time=local.time() != time())


def _spell_compact(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second = match.groups()
    clock = f"T{hour}:{minute}:{second or '00'}" if hour else ""
    return f"{year}-{month}-{day}{clock}"


def _spell_year_first(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{year}-{int(month):02}-{int(day):02}"


def _read_offset(text: str) -> tzinfo | None:
    """Return the zone that a date ends in, as an offset; None if it is none or has a name."""
    found = _OFFSET.search(text)
    if not found:
        return None
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset)


def _list_meta(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield names, in lower case, and contents of the page's ``meta`` elements; those of microdata excepted."""
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or ""
        content = element.get("content") or ""
        if name and content and len(content) <= MAX_STAMP_CHARACTERS:
            yield name.strip().lower(), content


def _list_microdata(tree: HtmlElement) -> Iterator[str]:
    for element in islice(tree.xpath(_PUBLISHED_PROPERTIES), _MAX_STATED):
        if not belongs_elsewhere(element):
            yield element.get("content") or element.get("datetime") or clean_line("".join(element.itertext()))


def _list_times(tree: HtmlElement, headline: HtmlElement | None, packs: Sequence[Boilerplate]) -> Iterator[str]:
    """Yield what ``time`` elements near the headline say, and those that are marked as dates of publication."""
    near = set(list_near_headline(tree, headline))
    for element in islice(tree.iter("time"), _MAX_STATED):
        stated = element.get("datetime") or element.get("content") or ""
        marks = " ".join([element.get("class", ""), element.get("itemprop", ""), element.get("id", "")])
        is_marked = element.get("pubdate") is not None or "publish" in marks.lower()
        if (
            stated
            and (is_marked or element in near)
            and not _is_changed(element, packs)
            and not belongs_elsewhere(element)
        ):
            yield stated


def _find_visible_stamp(
    tree: HtmlElement, headline: HtmlElement | None, packs: Sequence[Boilerplate]
) -> datetime | None:
    """Return the first stamp near the headline that no box, list of stories or comment holds."""
    for element in list_near_headline(tree, headline):
        text = _read_short_text(element)
        stamp = next((found for pack in packs if text and (found := read_stamp(text, pack))), None)
        if stamp and not belongs_elsewhere(element):
            return stamp
    return None


def _read_short_text(element: HtmlElement) -> str:
    """Return the text of an element that holds little; empty for one that holds more than a stamp."""
    if len(element) > _MAX_PARTS:
        return ""
    text = clean_line("".join(islice(element.itertext(), _MAX_STRINGS)))
    return text if len(text) <= MAX_STAMP_CHARACTERS else ""


def _is_changed(element: HtmlElement, packs: Sequence[Boilerplate]) -> bool:
    """Return True if an element, or the text before it, speaks of a change."""
    marks = " ".join([element.get("class", ""), element.get("itemprop", ""), element.get("id", "")])
    before, parent = element.getprevious(), element.getparent()
    text_before = before.tail if before is not None else parent.text if parent is not None else ""
    said = fold(clean_line(f"{(text_before or '')[-40:]} {element.text or ''}"))
    words = (word for pack in packs for word in pack.change_words)
    return bool(_CHANGED.search(marks)) or any(word in said for word in words)
