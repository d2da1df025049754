-- The newest meetings. One without a date is sorted by the day on which it was reported.
WITH named_topics AS (
    SELECT article_id, target_id, scope, score, {topic_id: topic_id, label: label, label_vi: label_vi} AS named FROM topics
), own_topics AS (
    SELECT article_id, target_id AS meeting_id, list(named ORDER BY score DESC, named) AS topics
    FROM named_topics
    WHERE scope = 'meeting'
    GROUP BY article_id, target_id
), main_topics AS (
    SELECT article_id, [arg_max(named, (score, named))] AS topics
    FROM named_topics
    WHERE scope = 'article'
    GROUP BY article_id
), told AS (
    SELECT
        * EXCLUDE (start, "end"), text[start + 1 : "end"] AS sentence,
        -- The days on which it may have taken place; of an undated one, the day of the report.
        coalesce(date_start, published_on) AS first_day,
        CASE date_precision
            WHEN 'year' THEN make_date(year(date_start), 12, 31)
            WHEN 'month' THEN last_day(date_start)
            ELSE coalesce(date_end, date_start, published_on)
        END AS last_day
    FROM meetings
    JOIN (
        SELECT article_id, text, title, outlet, source, url, published_on, published_at FROM articles
    ) USING (article_id)
)
SELECT
    CASE date_precision
        WHEN 'year' THEN strftime(date_start, '%Y')
        WHEN 'month' THEN strftime(date_start, '%Y-%m')
        ELSE nullif(concat_ws('/', date_start, nullif(date_end, date_start)), '')
    END AS date,
    status, format,
    array_to_string(
        [coalesce(party.name, party.role, party.organization, party.country) FOR party IN participants], ', '
    ) AS who,
    nullif(concat_ws(', ', venue, city, country), '') AS "where",
    CASE duration_qualifier WHEN 'lt' THEN '<' WHEN 'approx' THEN '~' WHEN 'gt' THEN '>' ELSE '' END
        || duration_minutes AS minutes,
    occasion, coalesce(own_topics.topics, main_topics.topics, []) AS topics,
    CASE
        WHEN own_topics.topics IS NOT NULL THEN 'meeting'
        WHEN main_topics.topics IS NOT NULL THEN 'article'
    END AS topics_from,
    sentence, published_on AS reported, published_at, outlet, title, url, meeting_id, article_id
FROM told
LEFT JOIN own_topics USING (article_id, meeting_id)
LEFT JOIN main_topics USING (article_id)
WHERE ($people::VARCHAR[] IS NULL
        OR list_has_any($people, [coalesce(party.person_id, party.name) FOR party IN participants]))
    AND ($countries::VARCHAR[] IS NULL
        OR list_has_any($countries, list_append([party.country FOR party IN participants], country)))
    AND is_wanted(city, $cities::VARCHAR[])
    AND is_wanted(coalesce(outlet, source), $outlets::VARCHAR[])
    AND ($topics::VARCHAR[] IS NULL OR list_has_any(
        $topics, [topic.topic_id FOR topic IN coalesce(own_topics.topics, main_topics.topics)]
    ))
    AND ($status::VARCHAR IS NULL OR status = $status)
    AND ($kind::VARCHAR IS NULL OR format = $kind)
    AND holds_all(concat_ws(' ', sentence, occasion), $words::VARCHAR[])
    AND ($since::DATE IS NULL OR coalesce(last_day >= $since, false))
    AND ($until::DATE IS NULL OR coalesce(first_day <= $until, false))
ORDER BY first_day DESC NULLS LAST, published_at DESC NULLS LAST, article_id, meeting_id
LIMIT $limit
