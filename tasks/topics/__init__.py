"""What an article is about: a vocabulary of topics, and the terms that show each of them."""

from tasks.topics.find import find_topics

__all__ = ["find_topics"]
