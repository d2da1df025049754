-- The newest quotes, with the sentence around each. One without a topic has the main topic of its article.
WITH named_topics AS (
    SELECT article_id, target_id, scope, score, {topic_id: topic_id, label: label, label_vi: label_vi} AS named FROM topics
), own_topics AS (
    SELECT article_id, target_id AS quote_id, list(named ORDER BY score DESC, named) AS topics
    FROM named_topics
    WHERE scope = 'quote'
    GROUP BY article_id, target_id
), main_topics AS (
    SELECT article_id, [arg_max(named, (score, named))] AS topics
    FROM named_topics
    WHERE scope = 'article'
    GROUP BY article_id
)
SELECT
    q.text AS words, coalesce(speaker, speaker_role) AS who, speaker_role AS role, kind, published_on AS published,
    outlet, nullif(concat_ws(', ', m.venue, m.city, m.country), '') AS place,
    coalesce(own_topics.topics, main_topics.topics, []) AS topics,
    CASE
        WHEN own_topics.topics IS NOT NULL THEN 'quote'
        WHEN main_topics.topics IS NOT NULL THEN 'article'
    END AS topics_from,
    sentence, title, url, published_at, is_translation, quote_id, article_id
FROM quotes_in_context AS q
JOIN (SELECT article_id, source FROM articles) USING (article_id)
LEFT JOIN (SELECT article_id, meeting_id, venue, city, country FROM meetings) AS m USING (article_id, meeting_id)
LEFT JOIN own_topics USING (article_id, quote_id)
LEFT JOIN main_topics USING (article_id)
WHERE is_wanted(coalesce(speaker_id, speaker), $people::VARCHAR[])
    AND ($countries::VARCHAR[] IS NULL OR list_has_any($countries, [speaker_country, m.country]))
    AND is_wanted(m.city, $cities::VARCHAR[])
    AND is_wanted(coalesce(outlet, source), $outlets::VARCHAR[])
    AND ($topics::VARCHAR[] IS NULL OR list_has_any(
        $topics, [topic.topic_id FOR topic IN coalesce(own_topics.topics, main_topics.topics)]
    ))
    AND ($kind::VARCHAR IS NULL OR kind = $kind)
    AND holds_all(sentence, $words::VARCHAR[])
    AND is_between(published_on, $since::DATE, $until::DATE)
ORDER BY published_on DESC NULLS LAST, published_at DESC NULLS LAST, article_id, position
LIMIT $limit
