-- Meetings, one row for each participant.
SELECT
    meeting_id, article_id, party.name, party.person_id, party.role, party.organization,
    party.country AS participant_country, party.start AS participant_start, party."end" AS participant_end,
    CASE date_precision
        WHEN 'year' THEN strftime(date_start, '%Y')
        WHEN 'month' THEN strftime(date_start, '%Y-%m')
        ELSE nullif(concat_ws('/', date_start, nullif(date_end, date_start)), '')
    END AS date,
    date_start, date_end, date_precision, date_text, city, country, venue, occasion, sideline, format, status,
    duration_minutes, duration_qualifier, first_since, outlet, url, published_on, published_at,
    certainty, rule, extractor, batch_id
FROM (SELECT *, unnest(participants) AS party FROM meetings)
JOIN (SELECT article_id, outlet, url, published_on, published_at, extractor FROM articles) USING (article_id)
