"""Source files that tests write: the shortest one that is enough, and one with every key."""

PLAIN = """
name = "Báo Mẫu"
language = "vi"
country = "VN"
kind = "national"
homepage = "https://www.baomau.example"
hosts = ["baomau.example"]
feeds = ["https://rss.baomau.example/home.rss"]
note = "Made up."
"""
FULL = f"""{PLAIN}
sitemaps = ["https://baomau.example/news.xml"]
timezone = "Europe/Paris"
date_order = "mdy"
checked = 2026-01-31

[politeness]
seconds_between_requests = 0.5
connections = 3

[[line]]
kind = "promo"
pattern = '^mua báo$'
examples = ["Mua báo"]

[[prefix]]
pattern = '^bm ?- ?'
examples = ["BM - Tin."]
counterexamples = ["BM đưa tin."]

[[selectors]]
since = 2020-01-01
body = "div.old"

[[selectors]]
since = 2024-06-01
body = "article > div.new"
title = "h1.headline"
published = "//time/@datetime"
"""
