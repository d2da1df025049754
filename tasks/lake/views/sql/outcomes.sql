-- What became of every link and file: `stored`, `unchanged`, `duplicate`, `rejected` or `later`.
-- What happened to an input last is its state. That its page was fetched is none: if the run died before it was
-- stored, the link is still to be tried.
WITH happened AS (
    SELECT input, 'stored' AS state, NULL AS code, NULL AS message, extracted_at AS "at" FROM articles
    UNION ALL
    SELECT input, if(code = 'duplicate', 'duplicate', 'rejected'), code, message, "at" FROM rejects
    UNION ALL
    SELECT input, state, code, message, "at" FROM fetches
    WHERE kind = 'article' AND state IN ('unchanged', 'later')
), newest AS (
    FROM happened QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, state) = 1
)
SELECT
    input, o.state, o.code, o.message, o."at", a.article_id, coalesce(f.source, a.source) AS source, f.found_in,
    coalesce(f.url, a.url) AS url, f.status, f.robots, f.requests, f.waited_seconds, f.wire_bytes, f.attempt,
    CASE o.state WHEN 'later' THEN f.retry_at END AS retry_at
FROM newest AS o
LEFT JOIN (
    FROM fetches WHERE kind = 'article' QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id) = 1
) AS f USING (input)
LEFT JOIN (
    SELECT input, arg_max(article_id, extracted_at) AS article_id, any_value(source) AS source, any_value(url) AS url
    FROM articles
    GROUP BY input
) AS a USING (input)
