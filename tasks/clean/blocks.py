"""Tell, line by line, what is the article and what only stands around it.

The steps look at lines no earlier step has named: phrases of the language's ``boilerplate.toml``, boxes with other
articles, the headline, what is printed twice, teasers, by-lines, headings; what is left is the article. Nothing is
dropped: a line that is not the article keeps its place in the text under another name. Every step takes linear
time (one sorts), because a page may consist of a hundred thousand lines, or of one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.articles import BlockKind
from tasks.clean.boilerplate import Boilerplate, BoilerplatePattern
from tasks.clean.line_shapes import (
    MAX_SHORT_CHARACTERS,
    half_of_double,
    is_cut_off,
    is_headline,
    is_name,
    is_sentence,
    is_short_line,
    opening_of_cut_off,
)
from tasks.clean.publication_dates import stamp_start
from tasks.language.folding import fold

__all__ = ["Line", "label_lines", "line_kind", "prefix_end", "suffix_start"]

_RESUMES_AFTER = 3
"""So many whole paragraphs in a row after a box of other articles are this article again."""
_MIN_PARAGRAPH = 150
_TOP_LINES = 4
"""The headline is one of the first lines, after at most a stamp, a caption and a section name."""
_MAX_BYLINE_BEFORE_STAMP = 80
_MAX_PREFIX = 120
_MAX_SUFFIX = 100
_SENTENCE_END = re.compile(r"[.!?][\"”’»]?(?= )")


@dataclass(frozen=True, slots=True)
class Line:
    """A cleaned line, with what its element on the page said it is."""

    text: str
    hint: BlockKind | None = None


def label_lines(lines: Sequence[Line], pack: Boilerplate) -> tuple[BlockKind, ...]:
    """Tell what each line is, in order.

    Args:
        lines: As cleaned; not empty ones.
        pack: Boilerplate of the article's language.

    Returns:
        As many kinds as lines; at most one ``title``. ``dateline`` here is a line that holds a publication stamp
        and nothing else.
    """
    draft = _Draft(lines, pack)
    for step in (
        _name_phrases,
        _name_boxes,
        _name_title,
        _name_repeats,
        _name_teasers,
        _name_edges,
        _name_subheads,
        _name_lead,
    ):
        step(draft)
    return tuple(kind or "body" for kind in draft.kinds)


def line_kind(line: str, pack: Boilerplate) -> BlockKind | None:
    """Return what the phrases of the language make of a whole line; None for a paragraph."""
    if len(line) > MAX_SHORT_CHARACTERS:
        return None
    folded = fold(line)
    start = stamp_start(line, pack)
    if start == 0:
        return "dateline"
    if start is not None and start <= _MAX_BYLINE_BEFORE_STAMP:
        return "byline"
    found = _find_pattern(pack.line, folded)
    return found.kind if found else None


def prefix_end(line: str, pack: Boilerplate) -> int:
    """Return where the outlet's tag before the first sentence ("VTV.vn - ") ends; 0 if there is none."""
    folded = fold(line[:_MAX_PREFIX])
    found = next((match for phrase in pack.prefix if (match := phrase.pattern.search(folded))), None)
    return found.end() if found and found.end() < len(line) else 0


def suffix_start(line: str, pack: Boilerplate) -> int:
    """Return where the credit after the last sentence ("(Theo Reuters)") begins; the line's length without one."""
    offset = max(0, len(line) - _MAX_SUFFIX)
    folded = fold(line[offset:])
    found = next((match for phrase in pack.suffix if (match := phrase.pattern.search(folded))), None)
    return offset + found.start() if found and offset + found.start() > 0 else len(line)


class _Draft:
    """Lines with what is known of them so far; lives only inside :func:`label_lines`."""

    def __init__(self, lines: Sequence[Line], pack: Boilerplate) -> None:
        self.lines = [line.text for line in lines]
        self.folded = [fold(line.text) for line in lines]
        self.hints = [line.hint for line in lines]
        self.pack = pack
        self.kinds: list[BlockKind | None] = [None] * len(lines)

    def open(self, start: int = 0, end: int | None = None) -> Iterator[int]:
        """Yield the indices of lines that nobody has named."""
        return (i for i in range(len(self.lines))[start:end] if self.kinds[i] is None)

    def name(self, indices: Sequence[int] | Iterator[int] | range, kind: BlockKind) -> None:
        for i in indices:
            self.kinds[i] = kind

    def story(self, i: int) -> str:
        """Return the line without a credit at its end, which hides whether a sentence ends there."""
        return self.lines[i][: suffix_start(self.lines[i], self.pack)]

    def tagged(self, i: int) -> bool:
        return prefix_end(self.lines[i], self.pack) > 0


def _find_pattern(phrases: Sequence[BoilerplatePattern], folded: str) -> BoilerplatePattern | None:
    return next((phrase for phrase in phrases if phrase.pattern.search(folded)), None)


def _name_phrases(draft: _Draft) -> None:
    for i, (line, hint) in enumerate(zip(draft.lines, draft.hints, strict=True)):
        kind = line_kind(line, draft.pack)
        if hint in ("title", "caption", "related", "byline"):
            draft.kinds[i] = hint
        elif not (i == 0 and kind == "byline"):  # a headline may end like one: "…, theo Điện Kremlin"
            draft.kinds[i] = kind


def _name_boxes(draft: _Draft) -> None:
    """Name the lines from the heading of a box with other articles to where this article goes on, or to the end."""
    closed = False
    i = 0
    while i < len(draft.lines):
        closed = closed or _closes_article(draft, i)
        end = i + 1
        if len(draft.lines[i]) <= MAX_SHORT_CHARACTERS and _find_pattern(draft.pack.marker, draft.folded[i]):
            end = len(draft.lines) if closed else _find_resumption(draft, i + 1)
            draft.name(range(i, end), "related")
        i = end


def _closes_article(draft: _Draft, i: int) -> bool:
    """Return True if the article is over: an end mark, a by-line below a paragraph, an invitation to read on."""
    if draft.lines[i].endswith(draft.pack.end_marks):
        return True
    below = i > 0 and len(draft.lines[i - 1]) >= _MIN_PARAGRAPH
    return below and (draft.kinds[i] in ("promo", "byline") or is_name(draft.lines[i], draft.pack))


def _find_resumption(draft: _Draft, start: int) -> int:
    """Return where this article goes on: at its own paragraph, by the markup, or at several whole paragraphs."""
    run = 0
    for i in range(start, len(draft.lines)):
        if draft.kinds[i] == "caption":
            continue
        if draft.hints[i] == "body" and draft.kinds[i] is None and is_sentence(draft.lines[i]):
            return i
        run = run + 1 if _is_paragraph(draft, i) else 0
        if run == _RESUMES_AFTER:
            return i - _RESUMES_AFTER + 1
    return len(draft.lines)


def _is_paragraph(draft: _Draft, i: int) -> bool:
    line = draft.lines[i]
    whole = len(line) >= _MIN_PARAGRAPH and not is_cut_off(line) and draft.kinds[i] is None
    return whole and not draft.tagged(i) and draft.folded[i] != draft.folded[i - 1]


def _name_title(draft: _Draft) -> None:
    """Name the page's title, else the first line that could be one; a cut-off one gives way to its full form."""
    if "title" in draft.kinds:
        return
    first = next(draft.open(0, _TOP_LINES), None)
    if first is None or len(draft.lines) == 1 or draft.tagged(first) or not is_headline(draft.lines[first]):
        return
    full = _full_headline(draft, first)
    draft.kinds[first] = "title" if full is None else "repeat"
    if full is not None:
        draft.kinds[full] = "title"


def _full_headline(draft: _Draft, first: int) -> int | None:
    if not is_cut_off(draft.lines[first]):
        return None
    opening = opening_of_cut_off(draft.folded[first])
    below = draft.open(first + 1, first + 1 + _TOP_LINES)
    return next((i for i in below if draft.folded[i].startswith(opening) and is_headline(draft.lines[i])), None)


def _name_repeats(draft: _Draft) -> None:
    """Name what stands elsewhere as well: the same line again, or the beginning of a line with dots after it."""
    seen: dict[str, int] = {}
    whole = sorted(draft.folded[i] for i in draft.open() if not is_cut_off(draft.lines[i]))
    titles = {draft.folded[i] for i, kind in enumerate(draft.kinds) if kind == "title"}
    for i in draft.open():
        folded = draft.folded[i]
        earlier = seen.setdefault(folded, i)
        if folded in titles or (earlier != i and folded.count(" ") >= 3):
            draft.kinds[i] = "repeat"
            if earlier == i - 1 and not is_sentence(draft.lines[i]):
                draft.kinds[earlier] = "related"  # a linked headline: once as picture text, once as text
        elif is_cut_off(folded) and _is_opening(opening_of_cut_off(folded), whole):
            draft.kinds[i] = "repeat"


def _is_opening(snippet: str, ordered: Sequence[str]) -> bool:
    """Return True if a line begins with the snippet, or the snippet with a line of whole sentences."""
    place = bisect_left(ordered, snippet)
    if place < len(ordered) and ordered[place].startswith(snippet):
        return True
    sentences = (snippet[: match.end()] for match in _SENTENCE_END.finditer(snippet))
    return any(_holds_line(ordered, sentence) for sentence in sentences)


def _holds_line(ordered: Sequence[str], line: str) -> bool:
    place = bisect_left(ordered, line)
    return place < len(ordered) and ordered[place] == line


def _name_teasers(draft: _Draft) -> None:
    """Name other articles without a heading: doubled headlines, a second tagged lead, snippets at the end."""
    paragraphs = tags = 0
    for i in draft.open():
        if half_of_double(draft.folded[i]):
            draft.kinds[i] = "related"
        elif draft.tagged(i):
            tags += 1
            if tags > 1 or paragraphs > 1:
                draft.kinds[i] = "related"
        else:
            paragraphs += is_sentence(draft.story(i))
    _name_last_snippets(draft)


def _name_last_snippets(draft: _Draft) -> None:
    run: list[int] = []
    for i in reversed(range(len(draft.lines))):
        if draft.kinds[i] is None and is_cut_off(draft.lines[i]):
            run.append(i)
        elif draft.kinds[i] is None or run:
            break
    if len(run) > 1 or (run and run[-1] > 0 and _closes_article(draft, run[-1] - 1)):
        draft.name(run, "related")


def _name_edges(draft: _Draft) -> None:
    """Name by-lines above the first paragraph and below the last; other short lines there belong elsewhere."""
    paragraphs = [i for i in draft.open() if is_sentence(draft.story(i))]
    if not paragraphs:
        return
    closed = next((i for i in paragraphs if draft.lines[i].endswith(draft.pack.end_marks)), paragraphs[-1])
    for i in list(draft.open(0, paragraphs[0])):
        if is_name(draft.lines[i], draft.pack):
            draft.kinds[i] = "byline"
    for i in list(draft.open(closed + 1)):
        if is_name(draft.lines[i], draft.pack):
            draft.kinds[i] = "byline"
        elif i > closed and (closed != paragraphs[-1] or is_short_line(draft.story(i))):
            draft.kinds[i] = "related"


def _name_subheads(draft: _Draft) -> None:
    """Name short lines between paragraphs, unless the text has no full stops at all."""
    unnamed = list(draft.open())
    short = [i for i in unnamed if draft.hints[i] != "body" and is_short_line(draft.story(i))]
    if 2 * len(short) <= len(unnamed):
        draft.name(short, "subhead")
    draft.name([i for i in draft.open() if draft.hints[i] == "subhead"], "subhead")


def _name_lead(draft: _Draft) -> None:
    """Name the standfirst where something marks it: its element, the outlet's tag, or that it is a snippet."""
    first = next(draft.open(), None)
    marked = [i for i in draft.open() if draft.hints[i] == "lead"]
    if marked:
        draft.name(marked, "lead")
    elif first is not None and (draft.tagged(first) or is_cut_off(draft.lines[first])):
        draft.kinds[first] = "lead"
