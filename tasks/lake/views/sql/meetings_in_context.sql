-- Meetings with who took part, the sentence that proves it, and the article.
SELECT
    meeting_id, article_id,
    CASE date_precision
        WHEN 'year' THEN strftime(date_start, '%Y')
        WHEN 'month' THEN strftime(date_start, '%Y-%m')
        ELSE nullif(concat_ws('/', date_start, nullif(date_end, date_start)), '')
    END AS date,
    date_start, date_end, date_precision, date_text, status, format,
    list_transform(participants, lambda party: coalesce(party.name, party.role, party.organization, party.country))
        AS who,
    city, country, venue, occasion, sideline, duration_minutes, duration_qualifier,
    text[m.start + 1 : m."end"] AS sentence, title, outlet, url, published_on, published_at, certainty, rule, extractor,
    batch_id
FROM meetings AS m
JOIN (SELECT article_id, text, title, outlet, url, published_on, published_at, extractor FROM articles) USING (article_id)
