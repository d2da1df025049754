-- Pairs of people of different countries, with their held meetings: how many, the first, the last.
-- A pair stands once, in the order of its ids; people of one country came together, they did not meet.
-- Several articles may tell of one meeting: what tells meetings apart is their day; one of which only the month or
-- the year is known counts unless a closer date in it is known too.
-- Pairs come from the list within a row: to join the participants with themselves takes more than twice as long.
WITH ones AS (
    SELECT
        article_id, published_on, meeting_id, date_start, date_precision, city, participants,
        unnest(participants) AS one
    FROM meetings
    JOIN (SELECT article_id, published_on FROM articles) USING (article_id)
    WHERE status = 'held' AND format IS DISTINCT FROM 'visit'
), pairs AS (
    SELECT
        coalesce(one.person_id, one.name) AS person_id, one.name AS person,
        coalesce(two.person_id, two.name) AS other_id, two.name AS other,
        article_id, published_on, meeting_id, date_start, date_precision, city
    FROM (SELECT * EXCLUDE (participants), unnest(participants) AS two FROM ones WHERE one.name IS NOT NULL)
    WHERE
        two.name IS NOT NULL AND coalesce(one.person_id, one.name) < coalesce(two.person_id, two.name)
        AND (one.country <> two.country) IS NOT FALSE
), known AS (
    SELECT
        person_id, max(person) AS person, other_id, max(other) AS other, count(DISTINCT article_id) AS articles,
        coalesce(list(DISTINCT strftime(date_start, '%Y-%m-%d')) FILTER (date_precision = 'day'), []) AS days,
        coalesce(list(DISTINCT strftime(date_start, '%Y-%m')) FILTER (date_precision = 'month'), []) AS months,
        coalesce(list(DISTINCT strftime(date_start, '%Y')) FILTER (date_precision = 'year'), []) AS years,
        count(DISTINCT CASE WHEN date_start IS NULL THEN meeting_id END) AS undated,
        list_sort(list(DISTINCT city) FILTER (city IS NOT NULL)) AS cities,
        min(published_on) AS first_published_on, max(published_on) AS last_published_on
    FROM pairs
    GROUP BY person_id, other_id
), dated AS (
    SELECT * EXCLUDE (days, months, years), days
        || list_filter(months, lambda month: NOT list_contains([day[1:7] FOR day IN days], month))
        || list_filter(years, lambda year: NOT list_contains([day[1:4] FOR day IN days || months], year))
        AS dates
    FROM known
)
SELECT
    person_id, person, other_id, other, len(dates) + undated AS meetings, articles,
    list_min(dates) AS first_date, list_max(dates) AS last_date, cities,
    first_published_on, last_published_on
FROM dated
