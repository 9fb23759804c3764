-- Recomputes every figure from the order file alone; shares no code with the product.
-- Given: variables path, compression, max_records, rate_bp, min_order_minor, hold_days;
--        tables bad(record), joins(customer_id, day), referrals(referee, referrer).

CREATE TABLE lines AS
SELECT
    row_number() OVER () AS record,
    trim(invoice) AS invoice,
    trim(kind) AS kind,
    nullif(trim(refund_of), '') AS refund_of,
    nullif(trim(customer_id), '') AS customer_id,
    replace(trim(placed_at), ' ', 'T') AS placed_at,
    trim(COLUMNS('^amount_(pence|minor)$')) AS amount
FROM read_csv(
    getvariable('path'), compression = getvariable('compression'), header = true,
    all_varchar = true, delim = ',', quote = '"', escape = '"', null_padding = true,
    strict_mode = false, parallel = false, sample_size = -1
);

-- +08:00 by arithmetic: a time without zone is the brand's, any other is moved by its offset.
CREATE TABLE entries AS
SELECT
    invoice, kind, refund_of, customer_id, CAST(amount AS BIGINT) AS minor,
    CAST(
        CAST(left(placed_at, 10) || ' ' || regexp_extract(placed_at, 'T([0-9:.]+)', 1)
            || if(length(regexp_extract(placed_at, 'T([0-9:.]+)', 1)) = 5, ':00', '') AS TIMESTAMP)
        + CASE
            WHEN placed_at LIKE '%Z' THEN INTERVAL 8 HOUR
            WHEN regexp_matches(placed_at, 'T.*[+-]') THEN to_minutes(480
                - CAST(regexp_extract(placed_at, 'T.*([+-])', 1) || '1' AS BIGINT)
                * (CAST(left(right(placed_at, 5), 2) AS BIGINT) * 60
                    + CAST(right(placed_at, 2) AS BIGINT)))
            ELSE INTERVAL 0 HOUR
        END AS DATE
    ) AS day
FROM lines ANTI JOIN bad USING (record)
WHERE record <= getvariable('max_records');

CREATE TABLE orders AS
SELECT
    bought.invoice, bought.customer_id, bought.day, bought.minor AS paid,
    bought.minor - coalesce(CAST(sum(refund.minor) AS BIGINT), 0) AS net
FROM entries AS bought
LEFT JOIN entries AS refund ON refund.kind = 'refund' AND refund.refund_of = bought.invoice
WHERE bought.kind = 'order'
GROUP BY bought.invoice, bought.customer_id, bought.day, bought.minor;

CREATE TABLE sales AS
SELECT customer_id, net, CAST(net > 0 AS BIGINT) AS counts, if(net > 0, day, NULL) AS day
FROM orders
UNION ALL
SELECT customer_id, -minor, 0, NULL FROM entries WHERE kind = 'refund' AND refund_of IS NULL;

CREATE TABLE due AS
SELECT max(day) + 1 AS as_of FROM entries;

CREATE TABLE credits AS
SELECT
    referrals.referrer AS customer_id,
    orders.paid * getvariable('rate_bp') // 10000 AS earned,
    orders.paid * getvariable('rate_bp') // 10000 * greatest(orders.net, 0) // orders.paid AS kept,
    orders.day + CAST(getvariable('hold_days') AS INTEGER) <= due.as_of AS is_released
FROM referrals
JOIN joins ON joins.customer_id = referrals.referee
JOIN orders ON orders.customer_id = referrals.referee AND orders.day >= joins.day
CROSS JOIN due
WHERE orders.paid >= getvariable('min_order_minor');

CREATE TABLE figures AS
WITH bought AS (
    SELECT customer_id, sum(net) AS net, sum(counts) AS orders, max(day) AS last_day
    FROM sales GROUP BY customer_id
),
earned AS (
    SELECT
        customer_id,
        sum(kept) FILTER (WHERE NOT is_released) AS pending,
        sum(kept) FILTER (WHERE is_released) AS released,
        sum(earned - kept) AS reversed
    FROM credits GROUP BY customer_id
)
SELECT
    joins.customer_id,
    CAST(coalesce(bought.net, 0) AS BIGINT) AS net,
    CAST(coalesce(bought.orders, 0) AS BIGINT) AS orders,
    CAST(due.as_of - bought.last_day AS BIGINT) AS recency_days,
    CAST(coalesce(earned.pending, 0) AS BIGINT) AS pending,
    CAST(coalesce(earned.released, 0) AS BIGINT) AS released,
    CAST(coalesce(earned.reversed, 0) AS BIGINT) AS reversed
FROM joins
CROSS JOIN due
LEFT JOIN bought USING (customer_id)
LEFT JOIN earned USING (customer_id);

CREATE TABLE totals AS
SELECT
    (SELECT count(*) FROM orders) AS orders,
    (SELECT count(*) FROM entries WHERE kind = 'refund') AS refunds,
    CAST((SELECT coalesce(sum(net), 0) FROM sales) AS BIGINT) AS net_minor;
