"""Clauses of a sentence: who does what, under which verb, in which mood; None where it cannot be told.

A table of openers and closers rather than a parser: one pass from the left cuts a sentence at the words that open
clauses. A clause has the subject that stands before its verb, or shares the one of the clause that it belongs to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.document import Adjunct, Clause, ClauseKind, Token
from tasks.language.classes import token_group
from tasks.language.phrases import FINITE, PARTICIPANT, PREDICATE, PREPOSITION, Phrases

__all__ = ["read_clauses", "with_ancestors"]

_AUXILIARY = token_group("auxiliary")
_ADVERB = token_group("adverb")
_LINK = token_group("link") | frozenset({"SEMI"})
_JOINER = token_group("joiner")
_COMPLEMENTIZER = token_group("complementizer")
_TIME = token_group("time")
_OPENERS: Mapping[str, ClauseKind] = {
    **dict.fromkeys(token_group("temporal"), "temporal"),
    **dict.fromkeys(token_group("condition"), "conditional"),
    **dict.fromkeys(token_group("relative"), "relative"),
}
_BOUNDARY = frozenset({"STOP", "COMMA", "SEMI", "COLON"})
_TRAILING = frozenset({"STOP", "COMMA", "SEMI", "DASH"})
_CONTENT_MARKS = _COMPLEMENTIZER | frozenset({"COMMA", "DASH"})
_NO_SERIAL_VERB = frozenset({"IS", "LIGHT", "INCLUDES"})
_BEFORE_NOUN = PREPOSITION | token_group("determiner")
_FRONTED_TOKENS = 80
"""How far behind a fronted phrase the main clause is looked for."""
_SOURCE_TOKENS = 12
_LATE_TOKENS = 12
"""How far behind a verb of speech "rằng" or a colon may stand."""
_DEEPEST = 20
"""Clauses inside clauses that are read; what says more than that somebody said that somebody said … is no sentence."""

Range = tuple[int, int]


def read_clauses(tokens: Sequence[Token]) -> tuple[Clause, ...]:
    """Read the clauses of one sentence.

    Args:
        tokens: Tokens after the cascade; a quoted stretch is one ``QUOTE`` token.

    Returns:
        Clauses with half-open ranges of token indices; a fronted clause stands before the one that it belongs to.
        Empty where no verb is known.
    """
    if FINITE.isdisjoint([token.kind for token in tokens]):
        return ()
    end = len(tokens)
    while end and tokens[end - 1].kind == "STOP":
        end -= 1
    reader = _ClauseReader(tokens)
    reader.read_stretch(0, end, "main", None, None)
    return tuple(draft.finish() for draft in reader.drafts)


def with_ancestors(index: int, clauses: Sequence[Clause]) -> Iterator[Clause]:
    """Yield a clause, then the one that it belongs to, and so on up to the sentence's own."""
    at: int | None = index
    while at is not None:
        yield clauses[at]
        at = clauses[at].parent


@dataclass(slots=True)
class _Draft:
    """A clause that is still being read."""

    kind: ClauseKind
    start: int
    end: int
    parent: int | None
    subject: Range | None = None
    shares_subject: bool = False
    verb: int | None = None
    agent: Range | None = None
    complement: Range | None = None
    modality: tuple[str, ...] = ()
    adjuncts: list[Adjunct] = field(default_factory=list)

    def finish(self) -> Clause:
        return Clause(
            kind=self.kind,
            start=self.start,
            end=self.end,
            parent=self.parent,
            subject=self.subject,
            shares_subject=self.shares_subject,
            verb=self.verb,
            agent=self.agent,
            complement=self.complement,
            modality=frozenset(self.modality),
            adjuncts=tuple(self.adjuncts),
        )


class _ClauseReader:
    """Reads one sentence; clauses point to each other by their place in the list."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._kinds = [token.kind for token in tokens]
        self._values = [token.value for token in tokens]
        self._phrases = Phrases(self._kinds)
        self.drafts: list[_Draft] = []
        self._depth = 0

    # ── one clause after the other ────────────────────────────────────────────────────────────────────────────────

    def read_stretch(self, start: int, end: int, kind: ClauseKind, parent: int | None, shared: Range | None) -> None:
        """Read the clauses of a stretch; those behind the first are joined to it and may share its subject."""
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        at, first = start, None
        while at < end:
            after, made = self._read_clause(at, end, kind if first is None else "coordinate", parent, shared)
            if made is not None:
                shared = self.drafts[made].subject or shared
                if first is None:
                    first, parent = made, made
            at = max(after, at + 1)
        self._depth -= 1

    def _read_clause(
        self, start: int, end: int, kind: ClauseKind, parent: int | None, shared: Range | None
    ) -> tuple[int, int | None]:
        """Read one clause with what is fronted before it; return one past it, and its place in the list."""
        adjuncts: list[Adjunct] = []
        fronted: list[int] = []
        at = self._phrases.skip(start, _LINK)
        while at < end and (after := self._read_fronted(at, end, shared, adjuncts, fronted)) is not None:
            at = self._phrases.skip(after, _LINK)
        if at >= end:
            return end, None
        if self._stands_alone(at, end):
            self.drafts.append(_Draft("quoted", at, at + 1, parent))
            return at + 1, None
        draft = _Draft(kind, start, end, parent, adjuncts=adjuncts)
        made = len(self.drafts)
        self.drafts.append(draft)
        behind = self._find_subject(draft, at, end, shared)
        for index in fronted:
            self._lend_subject(index, made)
        return self._read_predicate(made, behind, end), made

    def _lend_subject(self, index: int, made: int) -> None:
        """Give a fronted clause without a subject that of its main clause: "Nêu rõ C, X nhấn mạnh D"."""
        fronted, main = self.drafts[index], self.drafts[made]
        fronted.parent = made
        if fronted.subject is None and not main.shares_subject:
            fronted.subject, fronted.shares_subject = main.subject, main.subject is not None
        for draft in self.drafts[index + 1 : made]:
            if draft.shares_subject and draft.subject is None:
                draft.subject = fronted.subject

    def _stands_alone(self, at: int, end: int) -> bool:
        """Return True if a quoted stretch is followed by who said it: `"C", X nói`."""
        if self._kinds[at] != "QUOTE":
            return False
        after = self._phrases.skip(at + 1, _LINK)
        kind = self._phrases.kind(after)
        return (
            after >= end
            or kind in FINITE
            or kind in ("MEDIA", "ACCORDING", "QUOTE")
            or self._phrases.opens_clause(after, end)
        )

    # ── what stands before the subject ────────────────────────────────────────────────────────────────────────────

    def _read_fronted(
        self, at: int, end: int, shared: Range | None, adjuncts: list[Adjunct], fronted: list[int]
    ) -> int | None:
        """Read a time, phrase or clause before the subject; return one past it, None where none stands here."""
        kind = self._kinds[at]
        if kind in _TIME:
            adjuncts.append(Adjunct("time", at, at + 1))
            return at + 1
        if kind in _COMPLEMENTIZER:
            return at + 1
        if kind in FINITE and shared is not None:
            return None  # a second verb of the subject before it
        if kind not in _OPENERS and kind not in PREPOSITION and kind not in FINITE:
            return None
        if kind == "ACCORDING":
            main = None if self.drafts else self._source_end(at, end)
        else:
            main = self._main_start(at, end)
        if main is None:
            return None
        stop = self._fronted_end(at, main)
        self._keep_fronted(at, stop, adjuncts, fronted)
        return stop

    def _fronted_end(self, at: int, main: int) -> int:
        """Return one past what is fronted; a time with a comma before it belongs to the main clause."""
        stop = main
        while stop > at + 1:
            own_time = self._kinds[stop - 1] in _TIME and self._kinds[stop - 2] == "COMMA"
            if not own_time and self._kinds[stop - 1] not in _LINK:
                return stop
            stop -= 1
        return stop

    def _keep_fronted(self, at: int, stop: int, adjuncts: list[Adjunct], fronted: list[int]) -> None:
        kind = self._kinds[at]
        if kind in PREPOSITION and kind != "TO":
            adjuncts.append(Adjunct("source" if kind == "ACCORDING" else kind.lower(), at, stop))
            return
        fronted.append(len(self.drafts))
        if kind in _OPENERS:
            self.read_stretch(at + 1, stop, _OPENERS[kind], None, None)
        else:
            self.read_stretch(at, stop, "fronted", None, None)
        if fronted[-1] == len(self.drafts):
            fronted.pop()

    def _main_start(self, at: int, end: int) -> int | None:
        """Return where the main clause begins behind a fronted phrase: past a comma, at a subject with its verb."""
        i = at + 1
        while i < min(end, at + _FRONTED_TOKENS):
            if self._kinds[i] == "SEMI":
                return None
            if self._kinds[i] == "COMMA" and (start := self._clause_start(i, end)) is not None:
                return start
            i = self._phrases.aside_end(i) or i + 1 if self._kinds[i] == "OPEN" else i + 1
        return None

    def _clause_start(self, comma: int, end: int) -> int | None:
        """Return where behind a comma a clause with a subject of its own begins."""
        start = self._phrases.skip(comma + 1, _LINK | _TIME)
        if self._phrases.kind(start) in PREPOSITION or self._phrases.kind(start) in _OPENERS:
            return None
        return start if start < end and self._phrases.opens_clause(start, end) else None

    def _source_end(self, at: int, end: int) -> int | None:
        """Return one past "Theo X": the source ends at the first comma behind its noun phrase."""
        behind = self._phrases.single_noun_phrase(at + 1, end)
        if behind == at + 1:
            return self._main_start(at, end)
        behind = self._phrases.skip(behind, _ADVERB)
        for i in range(behind, min(behind + _SOURCE_TOKENS, end)):
            if self._kinds[i] == "COMMA":
                return i + 1
            if self._kinds[i] in FINITE or self._kinds[i] == "QUOTE":
                return i if i == behind and self._kinds[i] == "QUOTE" else None
        return behind if behind < end else None

    # ── subject and verb ──────────────────────────────────────────────────────────────────────────────────────────

    def _find_subject(self, draft: _Draft, at: int, end: int, shared: Range | None) -> int:
        """Set subject and verb of a clause; return one past what tells them."""
        phrases = self._phrases
        behind = phrases.noun_phrase(at, end)
        if behind > at:
            draft.subject = (at, behind)
            draft.verb = phrases.verb_after(behind, end)
            return behind
        common = phrases.common_subject_end(at, end)
        if common is not None:
            draft.subject = (at, common)
            draft.verb = phrases.verb_after(common, end)
            return common
        draft.subject, draft.shares_subject = shared, True
        if self._kinds[at] in FINITE or self._kinds[at] == "TO":
            draft.verb = phrases.verb_after(at, end)
        return at

    def _read_predicate(self, made: int, behind: int, end: int) -> int:
        """Read mood, agent and the rest of a clause; return one past it."""
        draft = self.drafts[made]
        if draft.verb is None:
            draft.end = self._next_boundary(behind + 1, end)
            return draft.end
        between = range(behind, draft.verb)
        draft.modality = tuple(self._kinds[i] for i in between if self._kinds[i] in _AUXILIARY)
        draft.adjuncts += [Adjunct("time", i, i + 1) for i in between if self._kinds[i] in _TIME]
        draft.agent = self._find_agent(between)
        if self._kinds[draft.verb] == "CUE":
            return self._read_content(made, end)
        if self._kinds[draft.verb] == "RELAY":
            draft.end = draft.verb + 1
            return draft.end
        return self._read_rest(made, end)

    def _find_agent(self, between: range) -> Range | None:
        """Find who does what a passive tells: "được | Y | tiếp"."""
        passive = max((i for i in between if self._kinds[i] == "PASSIVE"), default=None)
        if passive is None:
            return None
        start = self._phrases.skip(passive + 1, _ADVERB | {"BY"})
        behind = self._phrases.noun_phrase(start, between.stop)
        return (start, behind) if behind > start else None

    # ── what follows the verb ─────────────────────────────────────────────────────────────────────────────────────

    def _read_rest(self, made: int, end: int) -> int:
        """Read objects and adjuncts of a verb, up to where the clause ends."""
        draft = self.drafts[made]
        assert draft.verb is not None
        at = draft.verb + 1
        while at < end and not self._ends_clause(at, end, draft.verb):
            at = self._read_adjunct(made, at, end)
        draft.end = min(at, end)
        return draft.end

    def _ends_clause(self, at: int, end: int, verb: int) -> bool:
        """Return True if another clause begins here: a joined or serial verb, or a subject with its verb."""
        kind = self._kinds[at]
        if kind in PREDICATE:
            return at > verb + 1 and kind not in _NO_SERIAL_VERB and self._kinds[at - 1] not in _BEFORE_NOUN
        if kind == "PASSIVE":
            return self._phrases.kind(self._phrases.skip(at + 1, _ADVERB)) in PARTICIPANT
        if kind not in _JOINER:
            return at > verb + 1 and self._phrases.speaks(at, end)
        after = self._phrases.skip(at, _LINK | _TIME)
        if after >= end:
            return False
        next_kind = self._kinds[after]
        return kind == "SEMI" or next_kind in FINITE or next_kind == "TO" or self._phrases.opens_clause(after, end)

    def _read_adjunct(self, made: int, at: int, end: int) -> int:
        """Read what stands here inside a clause; return one past it."""
        draft = self.drafts[made]
        kind = self._kinds[at]
        aside = self._phrases.aside_end(at)
        if aside and kind == "OPEN":
            return aside
        opener = at + 1 if kind == "COMMA" and self._phrases.kind(at + 1) in _OPENERS else at
        if self._kinds[opener] in _OPENERS:
            return self._read_inner(opener, end, _OPENERS[self._kinds[opener]], made)
        if kind == "FOR" and self._phrases.kind(self._phrases.skip(at + 1, _ADVERB)) in FINITE:
            return self._read_inner(at, end, "purpose", made)
        if kind in _TIME:
            draft.adjuncts.append(Adjunct("time", at, at + 1))
        elif kind in PREPOSITION:
            behind = self._phrases.noun_phrase(at + 1, end)
            if behind > at + 1:
                draft.adjuncts.append(Adjunct(kind.lower(), at, behind))
                return behind
        return at + 1

    def _read_inner(self, opener: int, end: int, kind: ClauseKind, made: int) -> int:
        """Read a clause inside another one, up to the next mark."""
        stop = self._next_boundary(opener + 1, end)
        self.read_stretch(opener + 1, stop, kind, made, self.drafts[made].subject)
        return max(stop, opener + 1)

    def _next_boundary(self, at: int, end: int) -> int:
        while at < end and self._kinds[at] not in _BOUNDARY and not self._phrases.speaks(at, end):
            at = self._phrases.aside_end(at) or at + 1 if self._kinds[at] == "OPEN" else at + 1
        return min(at, end)

    # ── what a verb of speech brings ──────────────────────────────────────────────────────────────────────────────

    def _read_content(self, made: int, end: int) -> int:
        """Read addressee and content of a verb of speech; what is said is read as clauses of its own."""
        draft = self.drafts[made]
        assert draft.verb is not None
        start = self._read_addressee(draft, self._read_agent_behind(draft, end), end)
        start = self._read_late_complementizer(draft, start, end)
        while start < end and self._kinds[start] in _CONTENT_MARKS:
            start += 1
        stop = self._content_end(start, end)
        draft.end = stop
        inner = stop
        while inner > start and self._kinds[inner - 1] in _TRAILING:
            inner -= 1
        if inner > start:
            draft.complement = (start, inner)
            self.read_stretch(start, inner, "reported", made, None)
        return max(stop, draft.verb + 1)

    def _read_agent_behind(self, draft: _Draft, end: int) -> int:
        """Read the agent that follows a passive verb ("was praised by X as …"); return one past it."""
        assert draft.verb is not None
        after = draft.verb + 1
        if self._phrases.kind(after) != "BY":
            return after
        behind = self._phrases.single_noun_phrase(after + 1, end)
        if behind == after + 1:
            return after
        draft.agent = (after + 1, behind)
        return behind + 1 if self._phrases.kind(behind) == "AS" else behind

    def _read_addressee(self, draft: _Draft, at: int, end: int) -> int:
        """Read "với ông X", "hôm qua", "với báo chí" behind a verb of speech; return one past them."""
        while at < end:
            kind = self._kinds[at]
            if kind in ("WITH", "TO") and (behind := self._phrases.noun_phrase(at + 1, end)) > at + 1:
                draft.adjuncts.append(Adjunct("addressee", at, behind))
                at = behind
            elif kind in _ADVERB:
                at += 1
            else:
                return at
        return at

    def _read_late_complementizer(self, draft: _Draft, at: int, end: int) -> int:
        """Read a phrase between a verb of speech and "rằng": "viết trên mạng xã hội X rằng"."""
        if self._phrases.kind(at) not in PREPOSITION and self._values[at - 1] != "utter":
            return at
        for late in range(at, min(end, at + _LATE_TOKENS)):
            if self._kinds[late] in _COMPLEMENTIZER:
                draft.adjuncts.append(Adjunct(self._kinds[at].lower(), at, late))
                return late
            if self._kinds[late] in ("COMMA", "CUE", "QUOTE", "SEMI"):
                return at
        return at

    def _content_end(self, start: int, end: int) -> int:
        """Return where what is said ends: at the next verb of speech of the same speaker, or at another speaker."""
        at = start
        told_by_participant = self._phrases.kind(start) in PARTICIPANT
        while at < end:
            if self._kinds[at] not in _JOINER:
                at = self._phrases.aside_end(at) or at + 1 if self._kinds[at] == "OPEN" else at + 1
                continue
            after = self._phrases.skip(at, _LINK)
            if after < end and self._goes_on_outside(at, after, end, told_by_participant=told_by_participant):
                return at
            at = max(after, at + 1)
        return end

    def _goes_on_outside(self, at: int, after: int, end: int, *, told_by_participant: bool) -> bool:
        """Return True if what follows a joiner is no longer part of what was said."""
        links = frozenset(self._kinds[at:after])
        cue = self._phrases.skip(after, _AUXILIARY | _ADVERB)
        if self._phrases.kind(cue) == "CUE" and cue > after:
            return "COMMA" in links and self._is_announced(cue)
        if self._kinds[after] == "CUE":
            return self._joins_speech(links, at, after, told_by_participant=told_by_participant)
        if not links & {"SEMI", "SAMETIME", "LINK", "BUT"} or self._kinds[after] not in PARTICIPANT:
            return False
        verb = self._phrases.verb_after(self._phrases.noun_phrase(after, end), end, common=False)
        return verb is not None and self._kinds[verb] == "CUE"

    def _joins_speech(self, links: frozenset[str], at: int, cue: int, *, told_by_participant: bool) -> bool:
        """Return True if a second verb of speech has the subject of the first one, not that of what was said."""
        if links & {"SEMI", "SAMETIME"}:
            return True
        if self._is_announced(cue) or self._kinds[at - 1] == "QUOTE":
            return True
        if told_by_participant and "BUT" not in links:
            return False
        return self._values[cue] == "assert" or (self._values[cue] == "request" and self._asks_somebody(cue))

    def _is_announced(self, cue: int) -> bool:
        """Return True if "rằng" or a colon follows a verb of speech, perhaps behind an addressee."""
        for i in range(cue + 1, min(cue + _LATE_TOKENS, len(self._kinds))):
            if self._kinds[i] in _COMPLEMENTIZER:
                return True
            if self._kinds[i] in ("COMMA", "CUE", "QUOTE", "SEMI", "AND"):
                return False
        return False

    def _asks_somebody(self, cue: int) -> bool:
        """Return True if the one who is to do something follows: "kêu gọi các bên …", but not "kêu gọi đầu tư"."""
        return self._phrases.noun_phrase(cue + 1, len(self._kinds)) > cue + 1
