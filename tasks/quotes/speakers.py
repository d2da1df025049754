"""The name under which a speaker stands in the table."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.document import Document, Entity, Token
from schemas.meetings import Certainty
from schemas.quotes import SpeakerKind
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.features import REFERRING, leaves

__all__ = ["Speaker", "is_speaker", "name_speaker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who speaks; ``name`` is None where the words do not tell."""

    name: str | None
    kind: SpeakerKind | None
    person_id: str | None = None
    role: str | None = None
    country: str | None = None
    start: int
    end: int
    certainty: Certainty


def is_speaker(token: Token) -> bool:
    """Whether a token can name who speaks."""
    return token.kind in REFERRING


def name_speaker(tokens: Sequence[Token], document: Document, pack: LanguagePack) -> Speaker:
    """One speaker of one or several tokens ("ông X và bà Y"), names joined with "; "."""
    speakers = [_describe_speaker(token, document, pack) for token in tokens]
    if len(speakers) == 1:
        return speakers[0]
    names = [speaker.name for speaker in speakers if speaker.name]
    return Speaker(
        name="; ".join(names) or None,
        kind=speakers[0].kind,
        start=tokens[0].start,
        end=tokens[-1].end,
        certainty=max((s.certainty for s in speakers), key=("explicit", "resolved", "inferred").index),
    )


def _describe_speaker(token: Token, document: Document, pack: LanguagePack) -> Speaker:
    mention = document.mention(token)
    if mention is None:
        return _describe_stranger(token, document)
    entity = document.entities[mention.entity]
    return Speaker(
        name=_speaker_name(entity, token, document, pack),
        kind="person" if entity.kind == "group" else entity.kind,
        person_id=entity.person_id,
        role=entity.role if entity.kind in ("person", "unnamed") else None,
        country=entity.country,
        start=token.start,
        end=token.end,
        certainty=mention.certainty,
    )


def _describe_stranger(token: Token, document: Document) -> Speaker:
    """A name that the article never introduces stands for itself; a pronoun of nobody stands for nobody."""
    named = token.kind in ("FOREIGN_NAME", "NATIVE_NAME")
    words = document.text(token.start, token.end)
    kind: SpeakerKind | None = ("person" if " " in words else "organization") if named else None
    return Speaker(name=words if named else None, kind=kind, start=token.start, end=token.end, certainty="explicit")


def _speaker_name(entity: Entity, token: Token, document: Document, pack: LanguagePack) -> str | None:
    if entity.kind == "organization" and entity.name:
        return pack.places.bodies.get(fold(entity.name), entity.name)
    if entity.name is not None:
        return entity.name
    words = document.text(token.start, token.end)
    if any(part.kind == "ORGPRON" for part in leaves(token)) and entity.role:
        words = entity.role
    return words[:1].lower() + words[1:]
