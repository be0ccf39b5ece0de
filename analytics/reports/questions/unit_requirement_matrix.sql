-- purpose: How does each unit stand on each requirement, with everything below it?
-- grain:   one row per unit and requirement that applies to somebody in it
-- reads:   status, units, unit_closure, scope, rates
WITH of_one AS (
    SELECT
        org_unit_id, code,
        any_value(title) AS title,
        count(*) AS people,
        count(*) FILTER (good) AS good,
        count(*) FILTER (applicable) AS applicable,
        count(*) FILTER (applicable AND was_due) AS due,
        count(*) FILTER (good AND was_due) AS good_due,
        count(*) FILTER (applicable AND was_due AND on_time) AS due_on_time,
        count(*) FILTER (status = 'EXPIRING') AS expiring,
        count(*) FILTER (status = 'GRACE') AS grace,
        count(*) FILTER (status IN ('OVERDUE', 'EXPIRED')) AS overdue_or_expired,
        count(*) FILTER (status IN ('NOT_STARTED', 'IN_PROGRESS')) AS open,
        count(*) FILTER (NOT applicable) AS outside
    FROM status
    GROUP BY org_unit_id, code
),

rolled AS (
    SELECT c.ancestor_id AS unit_id, o.code, any_value(o.title) AS title,
        sum(COLUMNS(o.* EXCLUDE (org_unit_id, code, title)))::BIGINT
    FROM of_one AS o
    JOIN unit_closure AS c
        ON c.unit_id = o.org_unit_id AND $as_of BETWEEN c.from_day AND c.to_day
    GROUP BY c.ancestor_id, o.code
)

SELECT
    u.unit_id,
    u.unit_name,
    u.depth - min(u.depth) OVER () AS level,
    r.code AS requirement,
    r.title,
    r.people,
    r.good AS compliant_or_expiring,
    r.expiring,
    r.grace,
    r.overdue_or_expired,
    r.open AS not_started_or_in_progress,
    r.outside AS exempt_or_on_leave,
    r.good / nullif(r.applicable, 0) AS strict_rate,
    wilson_low(r.good, r.applicable) AS rate_low,
    wilson_high(r.good, r.applicable) AS rate_high,
    r.good_due / nullif(r.due, 0) AS due_rate,
    r.due_on_time / nullif(r.due, 0) AS on_time_rate
FROM units AS u
JOIN scope USING (unit_id)
JOIN rolled AS r USING (unit_id)
ORDER BY u.depth, u.unit_id, requirement
