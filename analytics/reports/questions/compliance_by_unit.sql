-- purpose: How does each unit stand, with everything below it?
-- grain:   one row per unit; its people are the union of those below
-- reads:   status, units, unit_closure, scope
--
-- strict_rate = (compliant + expiring) / pairs that are neither exempt nor on leave;
-- due_rate the same over the pairs whose due date has passed. rate_low and rate_high
-- are the Wilson interval (95 %) of strict_rate.
WITH rolled AS (
    SELECT c.ancestor_id AS unit_id, s.*,
        s.status IN ('COMPLIANT', 'EXPIRING') AS good,
        s.status NOT IN ('EXEMPT', 'ON_LEAVE') AS applicable
    FROM status AS s
    JOIN unit_closure AS c
        ON c.unit_id = s.org_unit_id AND $as_of BETWEEN c.from_day AND c.to_day
),

people AS (
    SELECT unit_id, count(*) AS people,
        count(*) FILTER (all_good AND any_applicable) AS fully_compliant_people
    FROM (
        SELECT unit_id, employee_id, bool_and(good OR NOT applicable) AS all_good,
            bool_or(applicable) AS any_applicable
        FROM rolled
        GROUP BY unit_id, employee_id
    )
    GROUP BY unit_id
),

pairs AS (
    SELECT unit_id,
        count(*) AS pairs,
        count(*) FILTER (status = 'COMPLIANT') AS compliant,
        count(*) FILTER (status = 'EXPIRING') AS expiring,
        count(*) FILTER (status = 'GRACE') AS grace,
        count(*) FILTER (status = 'IN_PROGRESS') AS in_progress,
        count(*) FILTER (status = 'NOT_STARTED') AS not_started,
        count(*) FILTER (status = 'OVERDUE') AS overdue,
        count(*) FILTER (status = 'EXPIRED') AS expired,
        count(*) FILTER (status = 'ON_LEAVE') AS on_leave,
        count(*) FILTER (status = 'EXEMPT') AS exempt,
        count(*) FILTER (applicable) AS applicable,
        count(*) FILTER (good) AS good,
        count(*) FILTER (applicable AND due_date < $as_of) AS due,
        count(*) FILTER (good AND due_date < $as_of) AS good_due
    FROM rolled
    GROUP BY unit_id
)

SELECT
    u.unit_id,
    u.unit_name,
    u.parent_id,
    u.depth - min(u.depth) OVER () AS level,
    EXISTS (SELECT 1 FROM units AS b WHERE b.parent_id = u.unit_id) AS has_children,
    p.people,
    p.fully_compliant_people,
    q.pairs,
    q.compliant, q.expiring, q.grace, q.in_progress, q.not_started, q.overdue,
    q.expired, q.on_leave, q.exempt,
    q.good / nullif(q.applicable, 0) AS strict_rate,
    CASE WHEN q.applicable > 0 THEN greatest(0, (
        q.good + 1.9207294
        - 1.959964 * sqrt(q.good * (q.applicable - q.good) / q.applicable + 0.9603647)
    ) / (q.applicable + 3.8414588)) END AS rate_low,
    CASE WHEN q.applicable > 0 THEN least(1, (
        q.good + 1.9207294
        + 1.959964 * sqrt(q.good * (q.applicable - q.good) / q.applicable + 0.9603647)
    ) / (q.applicable + 3.8414588)) END AS rate_high,
    q.good_due / nullif(q.due, 0) AS due_rate
FROM units AS u
JOIN scope USING (unit_id)
JOIN people AS p USING (unit_id)
JOIN pairs AS q USING (unit_id)
ORDER BY u.depth, u.unit_id
