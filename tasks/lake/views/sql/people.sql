-- Everybody who met or spoke, with how often.
SELECT
    coalesce(person_id, name) AS person, any_value(name) AS name, any_value(country) AS country,
    count(DISTINCT meeting_id) AS meetings, count(DISTINCT quote_id) AS quotes,
    min(published_on) AS first_published_on, max(published_on) AS last_published_on,
    min(published_at) AS first_published_at, max(published_at) AS last_published_at
FROM (
    SELECT person_id, name, participant_country AS country, meeting_id, NULL AS quote_id, published_on, published_at
    FROM meetings_flat
    WHERE name IS NOT NULL
    UNION ALL
    SELECT speaker_id, speaker, speaker_country, NULL, quote_id, published_on, published_at
    FROM quotes_in_context
    WHERE speaker_kind = 'person' AND speaker IS NOT NULL
)
GROUP BY person
