-- Quotes with the sentence they stand in, and the article.
-- The sentence: back to the last full stop before the words and on to the next one after them, at most
-- to the ends of their paragraph.
SELECT
    quote_id, article_id, kind, q.text, speaker, speaker_id, speaker_role, speaker_country, speaker_kind, cue,
    addressee, meeting_id, is_translation, q.start AS position,
    trim(regexp_extract(string_split(a.text[1 : q.start], chr(10))[-1], '(?:.*[.!?…]["”»]*\s)?(.*)$', 1)
        || a.text[q.start + 1 : q."end"]
        || regexp_extract(string_split(a.text[q."end" + 1 :], chr(10))[1], '^(?:.*?[.!?…]+["”»]*(?:\s|$)|.*)'))
        AS sentence,
    title, outlet, url, published_on, published_at, certainty, rule, extractor, batch_id
FROM quotes AS q
JOIN (SELECT article_id, text, title, outlet, url, published_on, published_at, extractor FROM articles) AS a USING (article_id)
