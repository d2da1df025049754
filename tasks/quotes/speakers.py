"""Name a speaker as the table of quotes does."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.document import Document, Entity, Token
from schemas.meetings import Certainty
from schemas.quotes import SpeakerKind
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.features import REFERRING, leaves

__all__ = ["Speaker", "is_speaker", "name_speaker"]

_CERTAINTIES: tuple[Certainty, ...] = ("explicit", "resolved", "inferred")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who speaks; ``name`` is None if the words do not tell."""

    name: str | None
    kind: SpeakerKind | None
    person_id: str | None = None
    role: str | None = None
    country: str | None = None
    start: int
    end: int
    certainty: Certainty


def is_speaker(token: Token) -> bool:
    """Return True if a token can name who speaks."""
    return token.kind in REFERRING


def name_speaker(tokens: Sequence[Token], document: Document, pack: LanguagePack) -> Speaker:
    """Return one speaker for one or several tokens ("ông X và bà Y"); several names are joined with "; "."""
    speakers = [_describe_speaker(token, document, pack) for token in tokens]
    if len(speakers) == 1:
        return speakers[0]
    names = [speaker.name for speaker in speakers if speaker.name]
    return Speaker(
        name="; ".join(names) or None,
        kind=speakers[0].kind,
        start=tokens[0].start,
        end=tokens[-1].end,
        certainty=max((speaker.certainty for speaker in speakers), key=_CERTAINTIES.index),
    )


def _describe_speaker(token: Token, document: Document, pack: LanguagePack) -> Speaker:
    mention = document.mention(token)
    if mention is None:
        return _describe_stranger(token, document)
    entity = document.entities[mention.entity]
    is_one = entity.kind in ("person", "unnamed")
    return Speaker(
        name=_speaker_name(entity, token, document, pack),
        kind="person" if entity.kind == "group" else entity.kind,
        person_id=entity.person_id,
        role=entity.role if is_one else None,
        country=entity.country,
        start=token.start,
        end=token.end,
        certainty=mention.certainty,
    )


def _describe_stranger(token: Token, document: Document) -> Speaker:
    """Describe who is not among the entities: a name stands for itself, a pronoun of nobody for nobody."""
    if token.kind not in ("FOREIGN_NAME", "NATIVE_NAME"):
        return Speaker(name=None, kind=None, start=token.start, end=token.end, certainty="explicit")
    words = document.text(token.start, token.end)
    kind: SpeakerKind = "person" if " " in words else "organization"
    return Speaker(name=words, kind=kind, start=token.start, end=token.end, certainty="explicit")


def _speaker_name(entity: Entity, token: Token, document: Document, pack: LanguagePack) -> str | None:
    """Return the name of an entity; without one, the words that describe it, beginning with a small letter."""
    if entity.kind == "organization" and entity.name:
        return pack.places.bodies.get(fold(entity.name), entity.name)
    if entity.name is not None:
        return entity.name
    words = document.text(token.start, token.end)
    if any(part.kind == "ORGPRON" for part in leaves(token)) and entity.role:
        words = entity.role
    return words[:1].lower() + words[1:]
