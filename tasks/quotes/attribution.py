"""Where a sentence attributes speech: its cues, who they belong to, and which words they bring.

The clauses of the sentence say who is the subject of a verb of speech and what it brings along; the frame of the verb
(``frames.toml``) says which of that counts as something said. An attribution at the end of a sentence takes all that
stands before it, "theo X" what follows or stands before, and every other verb of speech its own complement.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.document import Clause, Sentence
from tasks.language.classes import token_group
from tasks.language.clauses import with_ancestors
from tasks.language.phrases import FINITE, PREPOSITION, Phrases
from tasks.quotes.frames import SpeechFrame
from tasks.quotes.subjects import find_speakers

__all__ = ["Attribution", "find_attributions"]

Range = tuple[int, int]

_WORDS_OF_SPEECH = frozenset({"CUE", "ACCORDING", "RELAY", "SAID_BY"})
_ADVERB = token_group("adverb")
_COMPLEMENTIZER = token_group("complementizer")
_LEADING = frozenset({"COMMA", "COLON", "THAT", "MORE", "DASH"})
_TRAILING = frozenset({"STOP", "COMMA", "SEMI", "DASH"})
_BEHIND = frozenset({"COMMA", "DASH", "QUOTE"})
"""What stands between words and the attribution behind them."""
_UNSAID = token_group("negation") | token_group("ahead") | token_group("possible") | frozenset({"CANCEL"})
"""Under such an auxiliary nothing has been said: "không nói", "sẽ thông báo"."""
_EMBEDDED = frozenset({"relative", "purpose", "conditional"})
"""Clauses in which a verb of speech only describes."""
_SIGNS_OF_A_CLAUSE = FINITE | frozenset({"QUOTE"})
_CIRCUMSTANCE = PREPOSITION | frozenset({"WHEN", "DATE", "HEARERS"})
_COLLECTIVE = token_group("collective")
_SHORTEST_CLAUSE = 20
"""Code points of a clause in which no verb is known; what is shorter is a noun phrase ("khẳng định đẳng cấp")."""
_CONVEYOR_TOKENS = 8
_ENDS_DESCRIPTION = frozenset({"COMMA", "QUOTE", "COLON", "THAT", "CUE", "SEMI"})


@dataclass(frozen=True, slots=True)
class Attribution:
    """One act of speech: token indices into its sentence, ranges half-open.

    ``speaker`` is empty where the verb has no subject of its own and takes that of the attribution before it.
    """

    rule: str
    speaker: Range
    cue: Range
    content: Range
    aside: Range = (0, 0)
    """Words between cue and content, where an addressee may stand."""


def find_attributions(sentence: Sentence, frames: Mapping[str, SpeechFrame]) -> tuple[Attribution, ...]:
    """Attributions of one sentence, in reading order; their contents do not overlap.

    Args:
        sentence: A sentence whose clauses are read.
        frames: What verbs of speech take, by the ``value`` of their tokens.
    """
    if _WORDS_OF_SPEECH.isdisjoint(sentence.kinds):
        return ()
    reader = _SpeechReader(sentence, frames)
    found = reader.read_backward() or reader.read_closing() or reader.read_source() or tuple(reader.read_heads())
    return tuple(reader.end_before_thanks(attribution) for attribution in found)


class _SpeechReader:
    """Reads who says what in one sentence."""

    def __init__(self, sentence: Sentence, frames: Mapping[str, SpeechFrame]) -> None:
        self._tokens = sentence.tokens
        self._kinds = [token.kind for token in sentence.tokens]
        self._frames = frames
        self._clauses = sentence.clauses
        self._phrases = Phrases(self._kinds)
        self._end = len(self._tokens)
        while self._end and self._kinds[self._end - 1] == "STOP":
            self._end -= 1

    # ── behind what was said ──────────────────────────────────────────────────────────────────────────────────────

    def read_closing(self) -> tuple[Attribution, ...]:
        """Read an attribution that ends the sentence: all before it was said, whoever speaks in there."""
        last = next((c for c in reversed(self._clauses) if self._is_speech(c) and not c.shares_subject), None)
        if last is None or last.subject is None or not self._only_circumstances_follow(last):
            return ()
        closing = self._close(last)
        return (closing,) if closing else ()

    def _only_circumstances_follow(self, clause: Clause) -> bool:
        """Return True if behind the verb stand only time, place and hearers: "nói với báo chí sau cuộc gặp"."""
        assert clause.verb is not None
        start = self._phrases.skip(clause.verb + 1, _ADVERB)
        if start >= self._end:
            return True
        if self._kinds[start] == "COMMA":
            return self._phrases.kind(start + 1) == "WHEN" and self._is_behind_quote(clause)
        inside = frozenset(self._kinds[clause.verb + 1 : self._end])
        return self._kinds[start] in _CIRCUMSTANCE and inside.isdisjoint(
            _SIGNS_OF_A_CLAUSE | _COMPLEMENTIZER | {"SEMI"}
        )

    def _close(self, clause: Clause) -> Attribution | None:
        """Read what stands before a clause as what was said."""
        assert clause.verb is not None
        head = clause.subject[0] if clause.subject and not clause.shares_subject else clause.verb
        if head == 0 or self._kinds[head - 1] not in _BEHIND or clause.modality & _UNSAID:
            return None
        speaker = find_speakers(clause.subject, self._kinds, self._phrases)
        content = self._trim((0, head))
        if not speaker or content[0] == content[1]:
            return None
        said = self._kinds[content[0] : content[1]]
        if not self._frame(clause).closes_behind(said):
            return None
        cue = self._cue(clause.verb)
        return Attribution("closing", speaker, cue, content, (cue[1], clause.end))

    def _is_behind_quote(self, clause: Clause) -> bool:
        """Return True if words in marks stand right before a clause."""
        assert clause.verb is not None
        before = (clause.subject[0] if clause.subject and not clause.shares_subject else clause.verb) - 1
        while before > 0 and self._kinds[before] in ("COMMA", "DASH"):
            before -= 1
        return before >= 0 and self._kinds[before] == "QUOTE"

    def read_backward(self) -> tuple[Attribution, ...]:
        """Read `"C". Đó là lời của X`: a sentence of its own says whose the words in marks are."""
        if "SAID_BY" not in self._kinds:
            return ()
        at = self._kinds.index("SAID_BY")
        content = self._trim((0, at))
        behind = self._phrases.single_noun_phrase(at + 1, self._end)
        speaker = find_speakers((at + 1, behind), self._kinds, self._phrases)
        if not speaker or self._kinds[content[0] : content[1]] != ["QUOTE"]:
            return ()
        return (Attribution("backward", speaker, (at, at + 1), content),)

    # ── according to somebody ─────────────────────────────────────────────────────────────────────────────────────

    def read_source(self) -> tuple[Attribution, ...]:
        """Read "theo X" at the head, inside or at the end of a sentence."""
        for at, kind in enumerate(self._kinds[: self._end]):
            if kind == "ACCORDING" and (found := self._read_source_at(at)):
                return (found,)
        return ()

    def _read_source_at(self, at: int) -> Attribution | None:
        start = at + 1
        while start < self._end and self._kinds[start] in ("LOW", "OF", "FROM") and start - at < 4:
            start += 1
        behind = self._phrases.single_noun_phrase(start, self._end)
        speaker = find_speakers((start, behind), self._kinds, self._phrases) if behind > start else None
        if not speaker:
            return None
        content = self._said_according(at, behind, speaker[1])
        if content is None or content[0] == content[1] or self._has_own_speaker(content):
            return None
        return Attribution("according", speaker, (at, at + 1), content)

    def _said_according(self, at: int, behind: int, named: int) -> Range | None:
        """Return what a source is the source of.

        Args:
            at: Where it begins.
            behind: One past its noun phrase.
            named: One past the name of its speaker.
        """
        after = self._phrases.skip(behind, _ADVERB)
        if self._is_fronted(at):
            return self._without_conveyor(self._trim((after, self._end)))
        if self._kinds[at - 1] not in _BEHIND:
            return None
        if self._only_describes_source(named):
            return self._trim((0, at))
        if self._phrases.kind(after) == "COMMA" and not self._is_office(after + 1):
            return self._trim((after + 1, self._end))
        rest = frozenset(self._kinds[after : self._end])
        only_hearers = rest.isdisjoint(FINITE - {"CUE"}) and rest.isdisjoint({"QUOTE", "COLON", "THAT"})
        return self._trim((0, at)) if only_hearers else None

    def _only_describes_source(self, named: int) -> bool:
        """Return True if all that follows a name tells who it is: "theo lời bà X, người từng làm việc với ông Y"."""
        rest = self._kinds[named : self._end]
        return rest[:2] == ["COMMA", "WHO"] and _ENDS_DESCRIPTION.isdisjoint(rest[2:])

    def _is_fronted(self, at: int) -> bool:
        return all(kind in ("LINK", "BUT", "ADV", "COMMA", "DATE", "SAMETIME") for kind in self._kinds[:at])

    def _is_office(self, at: int) -> bool:
        return self._phrases.kind(at) in ("ROLE", "ROLE_OF_COUNTRY", "TITLE")

    def _without_conveyor(self, content: Range) -> Range:
        """Read `theo X, "C", Reuters đưa tin`: who conveys it is no part of what was said."""
        first, last = content
        for at in range(max(first + 1, last - _CONVEYOR_TOKENS), last):
            if self._kinds[at] == "MEDIA" and self._kinds[at - 1] == "COMMA":
                return self._trim((first, at - 1))
        return content

    def _has_own_speaker(self, content: Range) -> bool:
        """Return True if the words have a speaker of their own, so that "theo X" only says who conveys them."""
        return any(
            self._is_speech(clause)
            and clause.verb is not None
            and content[0] <= clause.verb < content[1]
            and self._tokens[clause.verb].value == "assert"
            and not clause.shares_subject
            and bool(find_speakers(clause.subject, self._kinds, self._phrases))
            for clause in self._clauses
        )

    # ── verbs with what they bring ────────────────────────────────────────────────────────────────────────────────

    def read_heads(self) -> Iterator[Attribution]:
        """Read the verbs of speech from the left; what is inside words that were said is not read again."""
        said: set[int] = set()
        found = 0
        for index, clause in enumerate(self._clauses):
            if self._conveys(clause):
                relayed = self._read_relayed(clause) if not found else None
                if relayed:
                    yield relayed
                    return
            if not self._is_speech(clause) or self._is_inside(index, said):
                continue
            for attribution in self._read_head(clause, first=not found):
                said.add(index)
                found += 1
                yield attribution

    def _is_speech(self, clause: Clause) -> bool:
        return clause.verb is not None and self._kinds[clause.verb] == "CUE"

    def _conveys(self, clause: Clause) -> bool:
        return clause.verb is not None and self._kinds[clause.verb] == "RELAY"

    def _is_inside(self, index: int, said: set[int]) -> bool:
        """Return True if a clause belongs to words that were said, or only describes something."""
        return any(
            clause.kind in _EMBEDDED or (clause.kind == "reported" and clause.parent in said)
            for clause in with_ancestors(index, self._clauses)
        )

    def _read_head(self, clause: Clause, *, first: bool) -> Iterator[Attribution]:
        """Read what a verb of speech brings, or closes; ``first`` if nothing was said in the sentence so far."""
        if not self._tells_speech(clause):
            return
        if first and (inverted := self._read_inverted(clause)):
            yield inverted
            return
        speaker = self._find_speaker(clause)
        if speaker is None:
            return
        behind_quote = first and self._is_behind_quote(clause)
        if not behind_quote or self._brings_more(clause):
            brought = self._read_brought(clause, speaker, first=first)
            if brought:
                yield brought
                return
        if behind_quote and (closing := self._close(clause)):
            yield closing
            yield from self._resume(closing, clause)

    def _tells_speech(self, clause: Clause) -> bool:
        """Return True if the mood of a clause lets its verb tell that something was said by somebody."""
        by_nobody = "PASSIVE" in clause.modality and not clause.agent
        return not by_nobody and clause.modality.isdisjoint(_UNSAID)

    def _find_speaker(self, clause: Clause) -> Range | None:
        """Return who speaks in a clause; empty for whoever spoke last, None for nobody who can be quoted."""
        speaker = find_speakers(clause.agent or clause.subject, self._kinds, self._phrases)
        if speaker is None:
            return None
        if not speaker[1]:
            return speaker if self._stands_for_last_speaker(clause) else None
        wishes_together = self._frame(clause).value == "wish" and self._kinds[speaker[0]] in _COLLECTIVE
        return None if wishes_together else speaker

    def _read_brought(self, clause: Clause, speaker: Range, *, first: bool) -> Attribution | None:
        """Read the complement of a verb of speech as what was said, if its frame takes it."""
        assert clause.verb is not None
        frame = self._frame(clause)
        content = self._content(clause, frame)
        continues = clause.shares_subject and not clause.agent and first
        if content is None or (continues and not frame.continues):
            return None
        cue = self._cue(clause.verb)
        rule = "passive" if clause.agent else "clause"
        return Attribution(rule, speaker, cue, content, (cue[1], content[0]))

    def _read_inverted(self, clause: Clause) -> Attribution | None:
        """Read `"C," said X`, where the subject stands behind its verb."""
        assert clause.verb is not None
        own_subject = clause.subject is not None and not clause.shares_subject
        if own_subject or clause.complement is None or not self._is_behind_quote(clause):
            return None
        first, last = clause.complement
        behind = self._phrases.noun_phrase(first, last)
        speaker = find_speakers((first, behind), self._kinds, self._phrases) if behind > first else None
        if not speaker or self._kinds[first - 1] in _COMPLEMENTIZER or not FINITE.isdisjoint(self._kinds[behind:last]):
            return None
        return Attribution("inverted", speaker, self._cue(clause.verb), self._trim((0, clause.verb)))

    def _stands_for_last_speaker(self, clause: Clause) -> bool:
        """Return True if a verb without subject goes on with who spoke before: "Đồng thời đề nghị hai bên …"."""
        assert clause.verb is not None
        after = clause.verb + 1
        if clause.kind != "main" or self._kinds[clause.verb - 1 : clause.verb] == ["NOUNER"]:
            return False
        if self._kinds[after : after + 1] == ["COLON"]:
            return False  # a heading: "Cảnh báo: mưa lớn"
        announced = self._phrases.kind(after) in ("THAT", "QUOTE")
        return announced or self._phrases.noun_phrase(after, self._end) > after

    def _brings_more(self, clause: Clause) -> bool:
        """Return True if a verb behind words in marks has other words of its own."""
        if clause.complement is None:
            return False
        first, last = clause.complement
        announced = self._kinds[first - 1] in _COMPLEMENTIZER
        resumed = self._kinds[first] == "QUOTE" and self._kinds[first - 1] == "COMMA"
        return (
            announced
            or (self._kinds[first] == "QUOTE" and not resumed)
            or not FINITE.isdisjoint(self._kinds[first:last])
        )

    def _content(self, clause: Clause, frame: SpeechFrame) -> Range | None:
        """Return what a verb of speech brings, as far as its frame takes it; empty where a colon ends the sentence."""
        assert clause.verb is not None
        if clause.complement is None:
            colon_ends = self._kinds[self._end - 1] == "COLON" and clause.end >= self._end
            return (self._end, self._end) if colon_ends else None
        first, last = clause.complement
        content = self._trim((first, min(last, self._end)))
        lead = self._kinds[first - 1] if first - 1 > clause.verb else ""
        inside = self._kinds[content[0] : content[1]]
        if not inside or not frame.takes_content(lead, inside, has_verb=self._has_verb(content)):
            return None
        return self._without_circumstances(content)

    def _has_verb(self, content: Range) -> bool:
        first, last = content
        if any(clause.verb is not None and first <= clause.verb < last for clause in self._clauses):
            return True
        return self._tokens[last - 1].end - self._tokens[first].start >= _SHORTEST_CLAUSE

    def _without_circumstances(self, content: Range) -> Range:
        """Read `nói "…" trong cuộc gặp với X`: where and when belongs to the verb, not to the words in marks."""
        first, last = content
        rest = self._kinds[first + 1 : last]
        if not rest or self._kinds[first] != "QUOTE" or rest[0] not in ("IN", "AT", "AFTER", "DATE"):
            return content
        return (first, first + 1) if _SIGNS_OF_A_CLAUSE.isdisjoint(rest) else content

    def _resume(self, closing: Attribution, clause: Clause) -> Iterator[Attribution]:
        """Read the second half of a quote that its attribution splits: "…", ông X nói, "…"."""
        for at in range(closing.cue[1], self._end):
            if self._kinds[at] == "QUOTE" and self._kinds[at - 1] in ("COMMA", "STOP", "COLON"):
                if not self._is_brought_by_another(at, clause):
                    yield Attribution("resumed", closing.speaker, closing.cue, (at, at + 1))
                return

    def _is_brought_by_another(self, at: int, clause: Clause) -> bool:
        brought = (c.complement for c in self._clauses if c is not clause and c.complement)
        return any(first <= at < last for first, last in brought)

    def _read_relayed(self, clause: Clause) -> Attribution | None:
        """Read `"C", AFP dẫn lời X`, where no verb of speech follows that brings other words."""
        assert clause.verb is not None
        behind = self._phrases.noun_phrase(clause.verb + 1, self._end)
        speaker = find_speakers((clause.verb + 1, behind), self._kinds, self._phrases)
        content = self._trim((0, clause.subject[0] if clause.subject else clause.verb))
        rest = frozenset(self._kinds[behind : self._end])
        quoted = "QUOTE" in self._kinds[content[0] : content[1]]
        speaks_elsewhere = "CUE" in rest and "QUOTE" not in rest
        if not speaker or not (quoted or speaks_elsewhere) or rest & _COMPLEMENTIZER:
            return None
        return Attribution("relayed", speaker, (clause.verb, clause.verb + 1), content)

    # ── small things ──────────────────────────────────────────────────────────────────────────────────────────────

    def end_before_thanks(self, attribution: Attribution) -> Attribution:
        """End what was said where the communiqué goes on to thank or to congratulate."""
        first, last = attribution.content
        for at in range(first + 1, last):
            if self._kinds[at] == "EXPRESSIVE" and self._kinds[at - 1] in ("SEMI", "COMMA"):
                content = self._trim((first, at - 1))
                return Attribution(attribution.rule, attribution.speaker, attribution.cue, content, attribution.aside)
        return attribution

    def _frame(self, clause: Clause) -> SpeechFrame:
        assert clause.verb is not None
        return self._frames[self._tokens[clause.verb].value]

    def _cue(self, verb: int) -> Range:
        """Return the verb with "thêm" behind it."""
        end = verb + 1
        while self._phrases.kind(end) == "MORE":
            end += 1
        return verb, end

    def _trim(self, content: Range) -> Range:
        first, last = content
        while first < last and self._kinds[first] in _LEADING:
            first += 1
        while last > first and self._kinds[last - 1] in _TRAILING:
            last -= 1
        return first, last
