-- How often, and in what way, each person was quoted.
SELECT
    coalesce(speaker_id, speaker) AS person_id, max(speaker) AS person, max(speaker_country) AS country,
    count(*) AS quotes, count(*) FILTER (kind = 'direct') AS direct, count(*) FILTER (kind = 'mixed') AS mixed,
    count(*) FILTER (kind = 'indirect') AS indirect, count(DISTINCT article_id) AS articles,
    min(published_on) AS first_published_on, max(published_on) AS last_published_on,
    min(published_at) AS first_published_at, max(published_at) AS last_published_at
FROM quotes_in_context
WHERE speaker_kind = 'person' AND speaker IS NOT NULL
GROUP BY coalesce(speaker_id, speaker)
