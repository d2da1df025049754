-- The commonest topics, and how many articles, meetings and quotes are about each.
WITH concerned AS (
    SELECT article_id, meeting_id AS target_id FROM meetings_flat WHERE is_wanted(coalesce(person_id, name), $people::VARCHAR[])
    UNION
    SELECT article_id, quote_id FROM quotes WHERE is_wanted(coalesce(speaker_id, speaker), $people::VARCHAR[])
), targets AS (
    SELECT article_id AS target_id FROM concerned
    UNION
    SELECT target_id FROM concerned
)
SELECT
    topic_id AS topic, label, label_vi, count(DISTINCT article_id) AS articles,
    count(DISTINCT target_id) FILTER (scope = 'meeting') AS meetings,
    count(DISTINCT target_id) FILTER (scope = 'quote') AS quotes, max(published_on) AS newest
FROM topics
JOIN (SELECT article_id, outlet, source, published_on FROM articles) USING (article_id)
WHERE ($people::VARCHAR[] IS NULL OR target_id IN (FROM targets))
    AND is_wanted(coalesce(outlet, source), $outlets::VARCHAR[])
    AND is_wanted(topic_id, $topics::VARCHAR[])
    AND is_between(published_on, $since::DATE, $until::DATE)
GROUP BY topic_id, label, label_vi
ORDER BY articles DESC, sum(score) FILTER (scope = 'article') DESC NULLS LAST, topic_id
LIMIT $limit
