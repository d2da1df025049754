"""Phrases of a sentence: asides, noun phrases and the verb behind a subject.

Clauses are put together from these (:mod:`tasks.language.clauses`). Every look ahead is bounded, and what is found at
a place is remembered, so that a sentence of a megabyte costs as much per token as a short one.
"""

from collections.abc import Sequence

from tasks.language.classes import token_group

__all__ = ["FINITE", "PARTICIPANT", "PREDICATE", "PREPOSITION", "Phrases"]

PARTICIPANT = token_group("participant")
PREDICATE = token_group("predicate")
PREPOSITION = token_group("preposition")
FINITE = PREDICATE | token_group("auxiliary")
"""Classes of which each tells that a verb is here or follows."""
_NOMINAL = token_group("nominal")
_AUXILIARY = token_group("auxiliary")
_ADVERB = token_group("adverb")
_DETERMINER = token_group("determiner")
_COMMON = token_group("common")
_OFFICE = token_group("office")
_BODY_LIKE = _OFFICE | token_group("body") | frozenset({"UNNAMED", "ORG_HEAD"})
_NAMED = frozenset({"PERSON", "FOREIGN_NAME", "NATIVE_NAME", "PRON", "COUNTERPART"})
_NAME = frozenset({"FOREIGN_NAME", "NATIVE_NAME"})
_COMMON_HEAD = frozenset({"ORG_HEAD", "OFFICE_HEAD", "CITY_WORD"})
_BEFORE_NAME = token_group("place") | token_group("body") | _OFFICE | _COMMON_HEAD
_APPOSED = (
    _NOMINAL
    | _COMMON
    | _DETERMINER
    | frozenset({"WHO", "IS", "MOD", "RANK", "HONORIFIC", "TITLE", "LEADS", "AGE", "INCLUDES"})
)
_OPENS_APPOSITION_OF_OFFICE = _OFFICE | frozenset({"TITLE", "WHO", "INCLUDES"})
_OPENS_ASIDE = frozenset({"OPEN", "COMMA", "DASH"})
_BREAKS_ASIDE = frozenset({"THAT", "COLON", "QUOTE", "SEMI", "STOP"})
_ASIDE_TOKENS = 24
"""Longest aside that is looked for; "ông X, Ủy viên Bộ Chính trị, Bí thư Trung ương Đảng, Chủ nhiệm …," has twenty."""
_PHRASE_TOKENS = 10
_VERB_STEPS = 16
_LIST_STEPS = 12


class Phrases:
    """The phrases of one sentence; positions are indices of tokens, ranges are half-open."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.kinds = kinds
        self._asides: dict[int, int] = {}
        self._opens: dict[int, bool] = {}
        self._find_asides()

    def kind(self, at: int) -> str:
        """Return the class of a token; empty before the first and behind the last one."""
        return self.kinds[at] if 0 <= at < len(self.kinds) else ""

    def aside_end(self, at: int) -> int | None:
        """Return one past the aside that begins here (brackets, an apposition between marks), if one does."""
        return self._asides.get(at)

    def skip(self, at: int, kinds: frozenset[str]) -> int:
        """Return the first position from here on that is of none of the classes and in no aside."""
        while at < len(self.kinds) and (self.kinds[at] in kinds or at in self._asides):
            at = self._asides.get(at, at + 1)
        return at

    # ── asides ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _find_asides(self) -> None:
        done = 0
        for at, kind in enumerate(self.kinds):
            if kind in _OPENS_ASIDE and at >= done and (end := self._aside_end(at, kind)):
                self._asides[at] = done = end

    def _aside_end(self, at: int, kind: str) -> int | None:
        return self._bracket_end(at) if kind == "OPEN" else self._apposition_end(at)

    def _bracket_end(self, at: int) -> int | None:
        inside = range(at + 1, min(at + _ASIDE_TOKENS, len(self.kinds)))
        return next((i + 1 for i in inside if self.kinds[i] == "CLOSE"), None)

    def _apposition_end(self, at: int) -> int | None:
        """Read ", Thị trưởng Linz," and " - Tổng thống Áo -" behind a name, also where the second mark is missing."""
        mark, before, first = self.kinds[at], self.kind(at - 1), at + 1
        if not (before in PARTICIPANT or before in ("CLOSE", "CITY")):
            return None
        opening = self.kind(first)
        if opening in PREPOSITION:
            return self._closing_mark(first, mark, through_verbs=True, closes_itself=False)
        if opening not in _APPOSED or (opening in _COMMON and before not in _NAMED):
            return None
        tells_office = opening in _OPENS_APPOSITION_OF_OFFICE or opening in _DETERMINER
        closes_itself = tells_office and mark == "COMMA" and before in _NAMED
        return self._closing_mark(first, mark, through_verbs=False, closes_itself=closes_itself)

    def _closing_mark(self, first: int, mark: str, *, through_verbs: bool, closes_itself: bool) -> int | None:
        """Return one past the mark that closes an aside, or its end where a verb of the main clause closes it."""
        for i in range(first, min(first + _ASIDE_TOKENS, len(self.kinds))):
            kind = self.kinds[i]
            if kind == mark and i > first and self._predicate_follows(i + 1):
                return i + 1
            if kind in FINITE and kind not in ("IS", "INCLUDES") and not through_verbs:
                return i if closes_itself and i > first else None
            if kind in _BREAKS_ASIDE:
                return None
        return None

    def _predicate_follows(self, at: int) -> bool:
        after = self.skip(at, _ADVERB)
        return self.kind(after) in FINITE or (self.kind(after) in PREPOSITION and self.kind(after) != "OF")

    # ── noun phrases ──────────────────────────────────────────────────────────────────────────────────────────────

    def single_noun_phrase(self, at: int, end: int) -> int:
        """Return one past the noun phrase that begins here, without the list that a comma goes on with."""
        head = self._head(at, end)
        if head is None:
            return at
        behind = self._complete(head, end)
        if self.kind(behind) == "AND" and (after := self._head(behind + 1, end)) is not None:
            behind = self._complete(after, end)
        return behind

    def noun_phrase(self, at: int, end: int) -> int:
        """Return one past the noun phrase that begins here, with its list and asides; ``at`` where none does."""
        head = self._head(at, end)
        if head is None:
            return at
        behind = self._complete(head, end)
        while (after := self._next_of_list(behind, end)) is not None:
            behind = self._complete(after, end)
        return behind

    def _head(self, at: int, end: int) -> int | None:
        """Return where the head of a noun phrase stands, behind determiners and at most one word of no class."""
        while at < end and self.kinds[at] in _DETERMINER:
            at += 1
        if at + 1 < end and self.kinds[at] == "LOW" and self.kinds[at + 1] in PARTICIPANT:
            at += 1
        return at if at < end and self.kinds[at] in _NOMINAL else None

    def _complete(self, head: int, end: int) -> int:
        """Return one past all that belongs to a head: "Nghị sĩ đảng Dân chủ | X (Mỹ)", "lãnh đạo của N"."""
        at = head + 1
        while at < end:
            after = self._asides.get(at) or self._attribute_end(at, end)
            if after is None or after <= at or after > end:
                return at
            at = after
        return at

    def _attribute_end(self, at: int, end: int) -> int | None:
        kind = self.kinds[at]
        if kind == "OF":
            return self._genitive_end(at, end)
        if kind == "BETWEEN":
            return self.noun_phrase(at + 1, end)
        if kind in _NAME and self.kinds[at - 1] in _BEFORE_NAME:
            return at + 1
        if self.kinds[at - 1] not in _BODY_LIKE:
            return None
        if kind in _COMMON_HEAD:
            return at + 1
        if kind in _NOMINAL and kind not in ("PRON", "ME", "BOTH", "THIS_MATTER", "MEETN", "VISITN"):
            return at + 1
        return self._described_name(at, end)

    def _genitive_end(self, at: int, end: int) -> int | None:
        head = self._head(at + 1, end)
        if head is None and self.kind(at + 1) in _COMMON_HEAD:
            head = at + 1
        return head + 1 if head is not None else None

    def _described_name(self, at: int, end: int) -> int | None:
        """Read the words between an office and its body, town or holder: "Giám đốc | sở y tế Linz"."""
        i = at
        while i < end and i - at < 4 and self.kinds[i] in _COMMON:
            i += 1
        return (
            i + 1
            if at < i < end and self.kinds[i] in ("ORG", "COUNTRY", "CAPITAL", "CITY", "FOREIGN_NAME", "NATIVE_NAME")
            else None
        )

    def _next_of_list(self, at: int, end: int) -> int | None:
        """Return where the next member of a list stands ("A, B và C"); a comma goes on only where "và" closes it."""
        after = at
        while after < end and self.kinds[after] in ("COMMA", "AND"):
            after += 1
        head = self._head(after, end) if after > at else None
        if head is None or self.kinds[head] not in PARTICIPANT:
            return None
        return head if "AND" in self.kinds[at:after] or self._list_is_closed(head, end) else None

    def _list_is_closed(self, head: int, end: int) -> bool:
        at = self._complete(head, end)
        for _ in range(_LIST_STEPS):
            if at >= end or self.kinds[at] not in ("AND", "COMMA"):
                return False
            if self.kinds[at] == "AND":
                return True
            head_after = self._head(at + 1, end)
            if head_after is None or self.kinds[head_after] not in PARTICIPANT:
                return False
            at = self._complete(head_after, end)
        return False

    # ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def verb_after(self, at: int, end: int, *, common: bool = True) -> int | None:
        """Return the verb behind a subject, past adverbs, auxiliaries and short phrases; None where none follows.

        Args:
            at: One past the subject.
            end: Where to stop.
            common: Whether a word of no class of its own may be the verb even without an auxiliary before it.
        """
        auxiliary = False
        i = at
        for _ in range(_VERB_STEPS):
            if i >= end:
                return None
            if self._is_verb(i, common=common or auxiliary):
                return i
            auxiliary = auxiliary or self.kinds[i] in _AUXILIARY
            after = self._step_to_verb(i, end, helped=auxiliary)
            if after is None:
                return None
            i = after
        return None

    def _is_verb(self, at: int, *, common: bool) -> bool:
        kind = self.kinds[at]
        if kind == "TO":
            return self.kind(at + 1) not in PREDICATE
        if kind == "IS" and self.kind(at + 1) == "CUE" and self.kind(at + 2) == "BY":
            return False  # "was praised by"
        return kind in PREDICATE or (common and kind in _COMMON)

    def _step_to_verb(self, at: int, end: int, *, helped: bool) -> int | None:
        """Return where to look on from a token between a subject and its verb; None where none can follow."""
        kind = self.kinds[at]
        if at in self._asides:
            return self._asides[at]
        if kind in _AUXILIARY or kind in _ADVERB or kind in ("TO", "IS"):
            return at + 1
        if kind in ("COMMA", "DASH"):
            return at + 1 if self.kind(self.skip(at + 1, _ADVERB)) in FINITE else None
        if kind in PREPOSITION and not helped:
            return self._phrase_end(at, end)
        if helped and (kind == "BY" or kind in PARTICIPANT or kind in _DETERMINER):
            return max(self.noun_phrase(at, end), at + 1)
        return None

    def _phrase_end(self, at: int, end: int) -> int | None:
        """Return one past a preposition with what it governs; None where it governs nothing."""
        i = max(self.noun_phrase(at + 1, end), at + 1)
        while i < min(end, at + _PHRASE_TOKENS) and self.kinds[i] in _COMMON | _NOMINAL | _DETERMINER | {
            "DATE",
            "VENUE",
        }:
            i += 1
        return i if i > at + 1 else None

    def speaks(self, at: int, end: int) -> bool:
        """Return True if somebody stands here with a verb of speech right behind, but for adverbs."""
        if self.kinds[at] not in PARTICIPANT or self.kind(at - 1) in PREPOSITION or self.kind(at - 1) in PARTICIPANT:
            return False
        verb = self.skip(self.noun_phrase(at, end), _ADVERB | {"PAST"})
        return verb < end and self.kinds[verb] == "CUE"

    def opens_clause(self, at: int, end: int) -> bool:
        """Return True if a subject with its verb begins here."""
        if at not in self._opens:
            head = self._head(at, end)
            behind = self.noun_phrase(at, end)
            common = head is not None and self.kinds[head] in PARTICIPANT
            self._opens[at] = behind > at and self.verb_after(behind, end, common=common) is not None
        return self._opens[at]

    def common_subject_end(self, at: int, end: int) -> int | None:
        """Return one past common words that are the subject of a verb ("cầu sẽ thông xe"); None where they are not."""
        i = at
        while i < end and (
            self.kinds[i] in _COMMON
            or self.kinds[i] in _DETERMINER
            or (self.kinds[i] in ("OF", "THIS_MATTER", "MOD", "TITLE") and i > at)
        ):
            i += 1
        if i > at and self.kind(i) in _NOMINAL:
            i = self.noun_phrase(i, end)
        return i if at < i < end and self.kinds[i] in FINITE else None
