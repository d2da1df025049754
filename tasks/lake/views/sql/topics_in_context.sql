-- Topics with the article they come from.
SELECT
    topic_id, label, label_vi, iptc, plover, scope, target_id, score, article_id, title, outlet, url, published_on, published_at,
    rule, extractor, batch_id
FROM topics
JOIN (SELECT article_id, title, outlet, url, published_on, published_at, extractor FROM articles) USING (article_id)
