"""From pages to articles: decoded, cleaned, dated, with the article told apart from what stands around it."""

from tasks.clean.pages import clean_page

__all__ = ["clean_page"]
