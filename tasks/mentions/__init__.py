"""People, roles, organisations, places, dates and durations in an article, and who is who among them."""
