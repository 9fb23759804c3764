-- Places every member of an order file by one scheme on one day; shares no code with the product.
-- Given: variables path, compression, as_of, window_days (NULL: everything), rule, high,
--        super_user_percent, key_care_percent, new_days, dormant_days, lost_days, loyal_orders,
--        min_population.
-- Whole numbers only: lines are kept times 100, means times the population.

CREATE OR REPLACE TABLE entries AS
SELECT
    invoice, kind, nullif(refund_of, '') AS refund_of, nullif(customer_id, '') AS customer_id,
    CAST(placed_at AS TIMESTAMP)::DATE - DATE '2000-01-01' AS day,
    CAST(amount_pence AS HUGEINT) AS minor
FROM read_csv(
    getvariable('path'), compression = getvariable('compression'), header = true, all_varchar = true
);

CREATE OR REPLACE TABLE today AS
SELECT getvariable('as_of')::DATE - DATE '2000-01-01' AS day;

-- An order keeps its own day, whenever it was refunded; a refund of no order has its own.
CREATE OR REPLACE TABLE sales AS
WITH given_back AS (
    SELECT refund_of AS invoice, sum(minor) AS minor FROM entries WHERE kind = 'refund' GROUP BY ALL
),
told AS (
    SELECT customer_id, day, entries.minor - coalesce(given_back.minor, 0) AS net
    FROM entries LEFT JOIN given_back USING (invoice)
    WHERE kind = 'order'
)
SELECT *, net > 0 AS counts FROM told
UNION ALL
SELECT customer_id, day, -minor, false FROM entries WHERE kind = 'refund' AND refund_of IS NULL;

CREATE OR REPLACE TABLE members AS
WITH joined AS (
    SELECT customer_id, min(day) AS day FROM entries WHERE customer_id IS NOT NULL GROUP BY ALL
)
SELECT
    joined.customer_id,
    any_value(today.day - joined.day) AS age,
    any_value(today.day) - max(sales.day) FILTER (WHERE sales.counts) AS idle,
    count(*) FILTER (WHERE sales.counts) AS ever,
    count(*) FILTER (WHERE sales.counts AND in_window) AS orders,
    coalesce(sum(sales.net) FILTER (WHERE in_window), 0)::HUGEINT AS net
FROM joined
CROSS JOIN today
LEFT JOIN (
    SELECT
        sales.*,
        getvariable('window_days') IS NULL OR sales.day > today.day - getvariable('window_days')
            AS in_window
    FROM sales CROSS JOIN today
    WHERE sales.day <= today.day
) AS sales USING (customer_id)
WHERE joined.day <= today.day
GROUP BY joined.customer_id;

-- R counts upwards as the others do: a larger number is a later day.
CREATE OR REPLACE TABLE buyers AS
SELECT
    customer_id, -idle::HUGEINT AS r, orders::HUGEINT AS f, net AS m,
    rank() OVER (ORDER BY net DESC) AS by_net,
    rank() OVER (ORDER BY orders DESC) AS by_orders,
    count(*) OVER () AS n
FROM members
WHERE orders > 0
QUALIFY n >= getvariable('min_population');

CREATE OR REPLACE TABLE figures AS
SELECT customer_id, what, value, row_number() OVER (PARTITION BY what ORDER BY value) AS place
FROM (UNPIVOT buyers ON r, f, m INTO NAME what VALUE value);

CREATE OR REPLACE TABLE lines AS
WITH ranks AS (
    SELECT
        percent,
        (percent * n + 99) // 100 AS reached,
        (n - 1) * percent // 100 + 1 AS below,
        (n - 1) * percent % 100 AS part
    FROM (VALUES (20), (40), (50), (60), (80)) AS percents(percent)
    CROSS JOIN (SELECT count(*) AS n FROM buyers)
)
SELECT
    ranks.percent, own.what,
    if(
        getvariable('rule') = 'linear',
        low.value * (100 - ranks.part) + coalesce(high.value, low.value) * ranks.part,
        own.value * 100
    ) AS line
FROM ranks
JOIN figures AS own ON own.place = greatest(ranks.reached, 1)
JOIN figures AS low ON low.place = ranks.below AND low.what = own.what
LEFT JOIN figures AS high ON high.place = ranks.below + 1 AND high.what = own.what;

CREATE OR REPLACE TABLE scored AS
SELECT
    customer_id, what, value,
    1 + (
        SELECT count(*) FROM lines
        WHERE lines.what = figures.what AND percent <> 50 AND line < value * 100
    ) AS score
FROM figures;

CREATE OR REPLACE TABLE sided AS
SELECT
    scored.customer_id, scored.what, scored.score,
    CASE getvariable('high')
        WHEN 'mean_score' THEN
            score * count(*) OVER of_one > sum(score::HUGEINT) OVER of_one
        WHEN 'mean' THEN
            value * count(*) OVER of_one > sum(value) OVER of_one
        WHEN 'median' THEN value * 100 > lines.line
    END AS high
FROM scored
JOIN lines ON lines.what = scored.what AND lines.percent = 50
WINDOW of_one AS (PARTITION BY scored.what);

CREATE OR REPLACE TABLE grouped AS
SELECT
    r.customer_id, r.score AS r, f.score AS f, m.score AS m,
    if(m.high, 'important_', 'general_') || CASE
        WHEN r.high AND f.high THEN 'value'
        WHEN r.high THEN 'develop'
        WHEN f.high THEN 'keep'
        ELSE 'win_back'
    END AS value_group
FROM sided AS r
JOIN sided AS f ON f.customer_id = r.customer_id AND f.what = 'f'
JOIN sided AS m ON m.customer_id = r.customer_id AND m.what = 'm'
WHERE r.what = 'r';

-- Of n buyers the first ceil(p n / 100) are the top, and all who equal the last of them.
CREATE OR REPLACE TABLE placed AS
SELECT
    members.customer_id,
    CASE
        WHEN idle IS NULL AND age <= getvariable('new_days') THEN 'new'
        WHEN idle IS NULL THEN 'prospect'
        WHEN idle > getvariable('lost_days') THEN 'lost'
        WHEN idle > getvariable('dormant_days') THEN 'dormant'
        WHEN by_net <= (getvariable('super_user_percent') * n + 99) // 100 THEN 'super_user'
        WHEN orders >= 2 AND by_orders <= (getvariable('key_care_percent') * n + 99) // 100
            THEN 'key_care'
        WHEN ever = 1 THEN 'first_purchase'
        WHEN ever <= 5 THEN 'repurchase_' || (ever - 1)
        ELSE 'repurchase_5_or_more'
    END AS stage,
    CASE
        WHEN idle IS NULL AND age <= getvariable('new_days') THEN 'interest'
        WHEN idle IS NULL THEN 'aware'
        WHEN orders >= getvariable('loyal_orders') AND idle <= getvariable('lost_days')
            THEN 'loyalty'
        ELSE 'purchase'
    END AS aipl,
    value_group, grouped.r, grouped.f, grouped.m
FROM members
LEFT JOIN buyers USING (customer_id)
LEFT JOIN grouped USING (customer_id);
