-- purpose: the completion of each duty that counts: the latest, of every activity asked
-- grain:   one row per duty that has one
-- reads:   duties, attempts
WITH events AS (
    SELECT t.code, t.employee_id,
        CASE WHEN d.all_of THEN t.activity_id ELSE '' END AS part,
        {
            'day': t.local_date, 'timestamp': t.timestamp,
            'stored': t.stored, 'id': t.statement_id
        } AS event,
        t.completes, t.passes, d.satisfied_by
    FROM attempts AS t
    JOIN duties AS d USING (code, employee_id)
),

parts AS (
    SELECT code, employee_id, part, any_value(satisfied_by) AS satisfied_by,
        max(event) FILTER (completes) AS completed,
        max(event) FILTER (passes) AS passed
    FROM events
    GROUP BY code, employee_id, part
),

satisfied AS (
    SELECT code, employee_id, part,
        CASE satisfied_by
            WHEN 'completed' THEN completed
            WHEN 'passed' THEN passed
            WHEN 'completed_or_passed'
                THEN greatest(coalesce(completed, passed), coalesce(passed, completed))
            ELSE CASE WHEN completed IS NOT NULL AND passed IS NOT NULL
                THEN greatest(completed, passed) END
        END AS event
    FROM parts
),

dated AS (
    SELECT s.code, s.employee_id, s.event,
        CASE
            WHEN d.validity_days IS NULL THEN NULL
            WHEN d.basis = 'calendar' THEN
                d.calendar_basis - 1 + d.validity_days * (2 + floor(
                    (s.event.day - d.calendar_basis) / d.validity_days
                )::INTEGER)
            ELSE s.event.day + d.validity_days
        END AS expires_at
    FROM satisfied AS s
    JOIN duties AS d USING (code, employee_id)
    WHERE s.event IS NOT NULL
),

whole AS (
    SELECT code, employee_id, count(*) AS parts, max(event) AS event,
        min(expires_at) AS expires_at
    FROM dated
    GROUP BY code, employee_id
)

SELECT w.code, w.employee_id, w.event.day AS completed_at,
    w.event.id AS statement_id, w.expires_at
FROM whole AS w
JOIN duties AS d USING (code, employee_id)
WHERE NOT d.all_of OR w.parts = len(list_distinct(d.activities))
