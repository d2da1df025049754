-- How often each topic came up, by the month of publication.
SELECT
    strftime(published_on, '%Y-%m') AS "month", topic_id, any_value(label) AS topic,
    any_value(label_vi) AS topic_vi, count(DISTINCT article_id) AS articles,
    count(DISTINCT target_id) FILTER (scope = 'meeting') AS meetings,
    count(DISTINCT target_id) FILTER (scope = 'quote') AS quotes
FROM topics_in_context
GROUP BY "month", topic_id
