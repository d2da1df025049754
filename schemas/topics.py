"""What it was about, and the table ``topics``."""

from dataclasses import dataclass
from typing import Annotated, Literal

from schemas.articles import BatchStamp
from schemas.columns import arrow_schema
from schemas.quotes import Span

__all__ = ["TOPICS", "Topic", "TopicScope"]

TopicScope = Literal["article", "meeting", "quote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic of an article, or of one of its meetings or quotes."""

    topic_id: Annotated[str, "Slug of the topic in the vocabulary (`new-start`)"]
    article_id: Annotated[str, "The article that it comes from"]
    label: Annotated[str, "English label"]
    label_vi: Annotated[str | None, "Vietnamese label"]
    iptc: Annotated[str | None, "Code of the IPTC Media Topic it falls under"]
    plover: Annotated[str | None, "PLOVER context it falls under"]
    scope: Annotated[TopicScope, "What has the topic: the article, a meeting or a quote"]
    target_id: Annotated[str, "`article_id`, `meeting_id` or `quote_id`, by scope"]
    score: Annotated[float, "How surely it is what the article is about, above 0 and below 1"]
    spans: Annotated[tuple[Span, ...], "The words that show it, in `articles.text`"]
    rule: Annotated[str, "The rule that found it"]


TOPICS = arrow_schema(Topic, BatchStamp)
