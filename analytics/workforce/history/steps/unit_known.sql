-- purpose: in which time a unit was known at all
-- grain:   one row per unit and unbroken stretch of recorded time
-- reads:   versions
WITH stretches AS (
    SELECT DISTINCT unit_id, recorded_from, recorded_to FROM versions
),

marked AS (
    SELECT *, coalesce(recorded_from > max(recorded_to) OVER (
        PARTITION BY unit_id ORDER BY recorded_from, recorded_to
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), true) AS new
    FROM stretches
),

numbered AS (
    SELECT *, count_if(new) OVER (
        PARTITION BY unit_id ORDER BY recorded_from, recorded_to
    ) AS n
    FROM marked
)

SELECT unit_id, min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
FROM numbered
GROUP BY unit_id, n
