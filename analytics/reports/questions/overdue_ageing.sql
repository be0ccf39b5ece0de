-- purpose: How long is what is overdue overdue?
-- grain:   one row per band of days, those without anything too
-- reads:   status
WITH bands AS (
    SELECT unnest(['1-7', '8-30', '31-60', '61-90', '>90']) AS age_band,
        unnest([1, 8, 31, 61, 91]) AS first_day, unnest([7, 30, 60, 90, NULL]) AS last_day
),

late AS (
    SELECT employee_id, status, $as_of - last_good_day AS days
    FROM status
    WHERE status IN ('OVERDUE', 'EXPIRED') AND ($status IS NULL OR status = $status)
)

SELECT
    b.age_band,
    count(l.days) AS pairs,
    count(DISTINCT l.employee_id) AS people,
    count(*) FILTER (l.status = 'OVERDUE') AS overdue,
    count(*) FILTER (l.status = 'EXPIRED') AS expired
FROM bands AS b
LEFT JOIN late AS l
    ON l.days >= b.first_day AND (b.last_day IS NULL OR l.days <= b.last_day)
WHERE EXISTS (SELECT 1 FROM status)
GROUP BY b.age_band, b.first_day
ORDER BY b.first_day
