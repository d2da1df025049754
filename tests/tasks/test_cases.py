"""Asks of the system what a careful reader would: the cases are data, in ``tests/cases``."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from samples import ARTICLE
from schemas.articles import Article, Block, Page, Sidecar
from schemas.meetings import Meeting, Participant
from schemas.quotes import Quote
from schemas.settings import CleanLimits
from tasks.clean import clean_page
from tasks.meetings import find_meetings
from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes

Case = dict[str, Any]
Row = dict[str, Any]

CASES = Path(__file__).parent.parent / "cases"
SUBJECTS = {"quotes": ("quotes",), "meetings": ("meetings",), "dates": ("meetings",), "people": ("quotes", "meetings")}
VIETNAM = timezone(timedelta(hours=7))
FETCHED = datetime(2030, 1, 1, tzinfo=UTC)
CASE_KEYS = {"name", "language", "published", "text", "quotes", "meetings", "none", "extra_allowed"}
QUOTE_KEYS = {"kind", "speaker", "text", "starts", "ends", "cue", "addressee", "speaker_kind", "certainty"}
MEETING_KEYS = {
    *("who", "status", "format", "date", "date_end", "country", "city", "minutes", "qualifier"),
    *("sideline", "first_since", "certainty"),
}
SAME_WORDS = 0.8  # token F1 from which two stretches count as the same words


def _load(file: str) -> list[Case]:
    return tomllib.loads((CASES / f"{file}.toml").read_text("utf-8"))["case"]


def _expected(file: str, case: Case) -> dict[str, list[Row]]:
    if case.get("none"):
        return {table: [] for table in SUBJECTS[file]}
    return {table: case[table] for table in ("quotes", "meetings") if table in case}


ALL = [(file, case) for file in SUBJECTS for case in _load(file)]
IDS = [f"{file}: {case['name']}" for file, case in ALL]


# ---------------------------------------------------------------------------------------------------------------------
# From a case to rows


def _paragraphs(case: Case) -> list[str]:
    return [unicodedata.normalize("NFC", line.strip()) for line in case["text"].splitlines() if line.strip()]


def _published(case: Case) -> datetime | None:
    day: date | None = case.get("published")
    return datetime(day.year, day.month, day.day, 20, tzinfo=VIETNAM) if day else None


def _blocks(paragraphs: Iterable[str]) -> Iterable[Block]:
    start = 0
    for paragraph in paragraphs:
        yield Block("body", start, start + len(paragraph))
        start += len(paragraph) + 1


def _article(case: Case) -> Article:
    paragraphs = _paragraphs(case)
    text = "\n".join(paragraphs)
    digest = sha256(text.encode()).hexdigest()
    published = _published(case)
    return replace(
        ARTICLE,
        article_id=digest[:16],
        language=case.get("language", "vi"),
        input=f"{case['name']}.txt",
        published_at=published,
        published_from="meta" if published else None,
        text=text,
        text_sha256=digest,
        blocks=tuple(_blocks(paragraphs)),
        fetched_at=FETCHED,
    )


def _cleaned(case: Case, form: Callable[[str], str]) -> Article:
    body = form("\n\n".join(_paragraphs(case))).encode()
    language = case.get("language", "vi")
    sidecar = Sidecar(language=language, published_at=_published(case))
    page = Page(input="case.txt", media="text", body=body, sidecar=sidecar, fetched_at=FETCHED)
    return clean_page(page, limits=CleanLimits(), languages=(language,))


def _rows(article: Article) -> dict[str, tuple[Any, ...]]:
    document = annotate(article)
    return {"quotes": find_quotes(document), "meetings": find_meetings(document)}


# ---------------------------------------------------------------------------------------------------------------------
# Does a row say what the case says?


def _tokens(words: str | None) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", words or "").casefold())


def _f1(one: str, other: str) -> float:
    left, right = Counter(_tokens(one)), Counter(_tokens(other))
    common = (left & right).total()
    return 2 * common / (left.total() + right.total()) if common else 0.0


def _named(wanted: str | list[str] | None, got: str | None) -> bool:
    """A row may say more than the case ("Ngoại trưởng Áo Karl Gruber"), never less."""
    if isinstance(wanted, list):
        return any(_named(one, got) for one in wanted)
    if wanted == "none":
        return got is None
    if wanted.startswith("="):
        return _tokens(wanted) == _tokens(got)
    return set(_tokens(wanted)) <= set(_tokens(got))


def _agrees(wanted: object, got: object) -> bool:
    return got in wanted if isinstance(wanted, list) else wanted == got


def _same_words(row: Row, quote: Quote) -> bool:
    if "text" in row:
        return _f1(row["text"], quote.text) >= SAME_WORDS
    starts, ends, got = _tokens(row.get("starts", "")), _tokens(row.get("ends", "")), _tokens(quote.text)
    return got[: len(starts)] == starts and got[len(got) - len(ends) :] == ends


def _is_quote(row: Row, quote: Quote) -> bool:
    return (
        row["kind"] == quote.kind
        and _named(row["speaker"], quote.speaker)
        and _same_words(row, quote)
        and ("addressee" not in row or _named(row["addressee"], quote.addressee))
        and all(_agrees(row[key], getattr(quote, key)) for key in ("cue", "speaker_kind", "certainty") if key in row)
    )


def _is_party(wanted: str, party: Participant) -> bool:
    """``?RU`` is somebody unnamed of that country, ``?`` somebody unnamed of none."""
    if wanted.startswith("?"):
        return party.country == (wanted[1:] or None) and (party.name is None or party.person_id is None)
    called = party.name or " ".join(filter(None, (party.role, party.organization)))
    return set(_tokens(wanted)) <= set(_tokens(called))


def _same_parties(wanted: list[str], parties: tuple[Participant, ...]) -> bool:
    """Every party once, in any order; nobody besides."""
    if not wanted:
        return not parties
    return any(
        _is_party(wanted[0], party) and _same_parties(wanted[1:], (*parties[:i], *parties[i + 1 :]))
        for i, party in enumerate(parties)
    )


def _date(day: date | None, precision: str | None) -> str:
    lengths = {"day": 10, "month": 7, "year": 4}
    return day.isoformat()[: lengths[precision]] if day and precision else "none"


def _as_printed(value: object) -> object:
    return "none" if value is None else value


def _meeting_facts(meeting: Meeting) -> Row:
    return {
        "status": meeting.status,
        "format": _as_printed(meeting.format),
        "date": _date(meeting.date_start, meeting.date_precision),
        "date_end": _date(meeting.date_end, meeting.date_precision),
        "country": _as_printed(meeting.country),
        "city": _as_printed(meeting.city),
        "minutes": _as_printed(meeting.duration_minutes),
        "qualifier": _as_printed(meeting.duration_qualifier),
        "sideline": meeting.sideline,
        "certainty": meeting.certainty,
    }


def _is_meeting(row: Row, meeting: Meeting) -> bool:
    facts = _meeting_facts(meeting)
    return (
        _same_parties(row["who"], meeting.participants)
        and all(_agrees(row[key], facts[key]) for key in facts if key in row)
        and ("first_since" not in row or _named(row["first_since"], meeting.first_since))
    )


def _shown(row: Quote | Meeting) -> Row:
    if isinstance(row, Quote):
        keys = ("kind", "speaker", "text", "cue", "addressee", "speaker_kind", "certainty", "rule")
        return {key: getattr(row, key) for key in keys}
    who = [party.name or f"?{party.country or ''} {party.role or party.organization}" for party in row.participants]
    return {"who": who, **_meeting_facts(row), "first_since": row.first_since, "rule": row.rule}


def _compare(table: str, wanted: list[Row], got: tuple[Any, ...]) -> tuple[list[Row], list[Row]]:
    """What is missing, and what nobody asked for."""
    same: Callable[[Row, Any], bool] = _is_quote if table == "quotes" else _is_meeting
    left, missing = list(got), []
    for row in wanted:
        match = next((one for one in left if same(row, one)), None)
        if match is None:
            missing.append(row)
        else:
            left.remove(match)
    return missing, [_shown(one) for one in left]


# ---------------------------------------------------------------------------------------------------------------------
# The tests


@pytest.mark.parametrize(("file", "case"), ALL, ids=IDS)
def test_what_a_careful_reader_finds(file, case):
    rows = _rows(_article(case))
    for table, wanted in _expected(file, case).items():
        missing, extra = _compare(table, wanted, rows[table])
        lines = [f"{case['text'].strip()}", *(f"missing {table}: {row}" for row in missing)]
        lines += [f"extra {table}: {row}" for row in extra]
        assert not missing, "\n".join(lines)
        assert not extra or case.get("extra_allowed"), "\n".join(lines)


def _half_decomposed(text: str) -> str:
    """Tone marks apart, the other marks where they were: what careless copying leaves behind."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = [(unicodedata.normalize("NFD", letter), letter) for letter in text]
    return "".join(
        unicodedata.normalize("NFC", "".join(c for c in apart if c not in tones))
        + "".join(c for c in apart if c in tones)
        for apart, _ in parts
    )


@pytest.mark.parametrize(
    "form", [lambda text: unicodedata.normalize("NFD", text), _half_decomposed], ids=["NFD", "half"]
)
@pytest.mark.parametrize("case", [case for _, case in ALL[::6]], ids=IDS[::6])
def test_decomposed_letters_give_the_same_rows(case, form):
    plain = _cleaned(case, str)
    decomposed = _cleaned(case, form)
    assert decomposed.text == plain.text
    assert _rows(decomposed) == _rows(plain)


@pytest.mark.parametrize(("file", "case"), ALL, ids=IDS)
def test_cases_say_only_what_can_be_compared(file, case):
    assert set(case) <= CASE_KEYS
    assert _expected(file, case), "a case expects rows, or none"
    for quote in case.get("quotes", ()):
        assert set(quote) <= QUOTE_KEYS
        assert quote.get("text", quote.get("starts")) in " ".join(_paragraphs(case))
    for meeting in case.get("meetings", ()):
        assert set(meeting) <= MEETING_KEYS


def test_case_names_are_unique():
    assert [name for name, times in Counter(IDS).items() if times > 1] == []
