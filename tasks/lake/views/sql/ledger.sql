-- Who said what, about what, at which meeting: one row for each quote and each topic of it.
-- A row of the table `topics` with scope `quote` is one topic of one quote; a quote without a topic keeps its row.
-- Who met is put together last, of the rows that are asked for.
SELECT
    q.speaker AS said_by, q.speaker_role AS role, q.speaker_country, q.text AS words, q.kind, t.topic_id,
    t.label AS topic, t.label_vi AS topic_vi, t.score AS topic_score, array_to_string(list_transform(
        m.participants, lambda party: coalesce(party.name, party.role, party.organization, party.country)
    ), ', ') AS met,
    CASE m.date_precision
        WHEN 'year' THEN strftime(m.date_start, '%Y')
        WHEN 'month' THEN strftime(m.date_start, '%Y-%m')
        ELSE nullif(concat_ws('/', m.date_start, nullif(m.date_end, m.date_start)), '')
    END AS date,
    m.date_precision, m.city, m.country, m.occasion, a.outlet, a.url, a.title,
    a.published_on, a.published_at, q.speaker_id, q.certainty, q.article_id, q.quote_id, q.meeting_id, q.start,
    a.extractor, q.batch_id
FROM quotes AS q
JOIN (SELECT article_id, outlet, url, title, published_on, published_at, extractor FROM articles) AS a USING (article_id)
LEFT JOIN (SELECT article_id, target_id, topic_id, label, label_vi, score FROM topics WHERE scope = 'quote') AS t
    ON t.article_id = q.article_id AND t.target_id = q.quote_id
LEFT JOIN (
    SELECT article_id, meeting_id, participants, date_start, date_end, date_precision, city, country, occasion FROM meetings
) AS m ON m.article_id = q.article_id AND m.meeting_id = q.meeting_id
