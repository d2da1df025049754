-- Who said what about which topic: a row for each topic of a quote. A quote without a topic has the main topic of its
-- article.
WITH own_topics AS (
    SELECT article_id, target_id AS quote_id, topic_id AS topic, label, label_vi, score
    FROM topics
    WHERE scope = 'quote'
), main_topics AS (
    SELECT article_id, topic_id AS topic, label, label_vi, score
    FROM topics
    WHERE scope = 'article'
    QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY score DESC, topic_id DESC) = 1
)
SELECT
    published_on AS published, coalesce(speaker, speaker_role) AS who, speaker_role AS role,
    coalesce(o.topic, a.topic) AS topic, coalesce(o.label, a.label) AS label,
    coalesce(o.label_vi, a.label_vi) AS label_vi,
    CASE WHEN o.topic IS NOT NULL THEN 'quote' WHEN a.topic IS NOT NULL THEN 'article' END AS topic_from,
    array_to_string(
        [coalesce(party.name, party.role, party.organization, party.country) FOR party IN m.participants], ', '
    ) AS met,
    nullif(concat_ws(', ', m.venue, m.city, m.country), '') AS place, outlet, kind, q.text AS words, sentence, title, url,
    published_at, is_translation, quote_id, article_id
FROM quotes_in_context AS q
JOIN (SELECT article_id, source FROM articles) USING (article_id)
LEFT JOIN (
    SELECT article_id, meeting_id, participants, venue, city, country FROM meetings
) AS m USING (article_id, meeting_id)
LEFT JOIN own_topics AS o USING (article_id, quote_id)
LEFT JOIN main_topics AS a USING (article_id)
WHERE is_wanted(coalesce(speaker_id, speaker), $people::VARCHAR[])
    AND ($countries::VARCHAR[] IS NULL OR list_has_any($countries, [speaker_country, m.country]))
    AND is_wanted(m.city, $cities::VARCHAR[])
    AND is_wanted(coalesce(outlet, source), $outlets::VARCHAR[])
    AND is_wanted(coalesce(o.topic, a.topic), $topics::VARCHAR[])
    AND ($kind::VARCHAR IS NULL OR kind = $kind)
    AND holds_all(sentence, $words::VARCHAR[])
    AND is_between(published_on, $since::DATE, $until::DATE)
ORDER BY published_on DESC NULLS LAST, published_at DESC NULLS LAST, article_id, position, o.score DESC, topic
LIMIT $limit
