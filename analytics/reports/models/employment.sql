-- purpose: when a person was employed, as known at $known_at
-- grain:   one row per person and unbroken stretch of days; numbered in time
-- reads:   employed, survivors
WITH pieces AS (
    SELECT coalesce(s.survivor_id, e.employee_id) AS employee_id, e.from_day, e.to_day
    FROM employed AS e
    LEFT JOIN survivors AS s USING (employee_id)
),

marked AS (
    SELECT *,
        max(to_day) OVER (
            PARTITION BY employee_id ORDER BY from_day, to_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM pieces
),

islands AS (
    SELECT *,
        count_if(before IS NULL OR from_day > before + 1) OVER (
            PARTITION BY employee_id ORDER BY from_day, to_day
        ) AS n
    FROM marked
)

SELECT employee_id, n, min(from_day) AS from_day, max(to_day) AS to_day,
    min(from_day) - lag(max(to_day)) OVER (PARTITION BY employee_id ORDER BY n) - 1
        AS days_away
FROM islands
GROUP BY employee_id, n
