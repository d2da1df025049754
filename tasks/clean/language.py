"""Which language a text is in."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from schemas.errors import RejectArticle

__all__ = ["choose_language"]

_OTHERS = ("ar", "de", "es", "fr", "id", "it", "ja", "km", "ko", "lo", "ms", "nl", "pt", "ru", "th", "tl", "uk", "zh")
"""Neighbours and world languages: without them a foreign text would be forced into one of ours."""
_SAMPLE_CHARACTERS = 2_000


def choose_language(stated: str | None, text: str, languages: tuple[str, ...]) -> str:
    """Choose the language of a text: as its sidecar states it, or else as it looks.

    Args:
        stated: Code with or without a region ("vi", "vi-VN"); None if nobody says.
        text: Cleaned; the first 2,000 characters are looked at.
        languages: ISO 639-1 codes that there are packs for.

    Raises:
        RejectArticle: ``unsupported_language``.
    """
    code = stated.replace("_", "-").split("-")[0].strip().lower() if stated else _detect_language(text, languages)
    if code not in languages:
        raise RejectArticle("unsupported_language", f"in language {code!r}; there are packs for {', '.join(languages)}")
    return code


def _detect_language(text: str, languages: tuple[str, ...]) -> str:
    return str(_load_identifier(languages).classify(text[:_SAMPLE_CHARACTERS])[0])


@cache
def _load_identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages({*languages, *_OTHERS} & {*identifier.labels})
    return identifier
