-- purpose: the completion of each duty that counts: the latest, of all that is asked
-- grain:   one row per duty that has one
-- reads:   attempts, asked, curriculum_items
--
-- first_completed_at: the first day on which all that is asked had been done, by any of
-- the ways; what has run out since has still been done on that day.
WITH parts AS (
    SELECT t.code, t.employee_id, a.item, a.way, a.part, any_value(a.alone) AS alone,
        any_value(a.parts) AS needed,
        any_value(a.satisfied_by) AS satisfied_by,
        any_value(a.validity_days) AS validity_days,
        any_value(a.recurrence) AS recurrence,
        any_value(a.calendar_basis) AS calendar_basis,
        any_value(a.early_renewal_days) AS early_renewal_days,
        max({
            'day': t.local_date, 'timestamp': t.timestamp,
            'stored': t.stored, 'id': t.statement_id
        }) AS event,
        min(t.local_date) AS first_day,
        greatest(
            min(t.local_date) FILTER (t.completes), min(t.local_date) FILTER (t.passes)
        ) AS first_whole,
        bool_or(t.completes) AND bool_or(t.passes) AS is_whole,
        list(DISTINCT t.local_date ORDER BY t.local_date)
            FILTER (a.early_renewal_days > 0) AS days
    FROM attempts AS t
    JOIN asked AS a USING (code, item, activity_id)
    WHERE t.counts
    GROUP BY t.code, t.employee_id, a.item, a.way, a.part
),

dated AS (
    SELECT code, employee_id, item, way, alone, needed, event,
        CASE WHEN satisfied_by = 'completed_and_passed' THEN first_whole
            ELSE first_day END AS first_day,
        CASE
            WHEN validity_days IS NULL THEN NULL
            WHEN recurrence = 'calendar' THEN
                calendar_basis - 1 + validity_days * (2 + floor(
                    (event.day - calendar_basis) / validity_days
                )::INTEGER)
            -- Each completion renews the one before it: from its last good day where
            -- it comes shortly before that, else from its own, and never for less.
            WHEN early_renewal_days > 0 THEN list_reduce(
                [
                    day + validity_days for day in days
                    if satisfied_by <> 'completed_and_passed' OR day >= first_whole
                ],
                lambda good, own: CASE
                    WHEN own - validity_days
                        BETWEEN good - early_renewal_days AND good
                    THEN good + validity_days
                    ELSE greatest(good, own) END
            )
            ELSE event.day + validity_days
        END AS expires_at
    FROM parts
    WHERE satisfied_by <> 'completed_and_passed' OR is_whole
),

ways AS (
    SELECT code, employee_id, item, max(event) AS event, min(expires_at) AS expires_at,
        max(first_day) AS first_day
    FROM dated
    WHERE NOT alone
    GROUP BY code, employee_id, item, way
    HAVING count(*) = any_value(needed)
),

-- Of equivalent ways the one that holds longest counts, then the latest.
items AS (
    SELECT code, employee_id, item,
        max({
            'until': coalesce(expires_at, DATE '9999-12-31'),
            'event': event, 'expires_at': expires_at
        }) AS best,
        min(first_day) AS first_day
    FROM ways
    GROUP BY code, employee_id, item
),

curricula AS (
    SELECT code, employee_id, count(*) AS needed
    FROM curriculum_items
    GROUP BY code, employee_id
),

whole AS (
    SELECT i.code, i.employee_id, max(i.best.event) AS event,
        min(i.best.expires_at) AS expires_at, max(i.first_day) AS first_day
    FROM items AS i
    LEFT JOIN curricula AS c USING (code, employee_id)
    GROUP BY i.code, i.employee_id
    HAVING count(*) = coalesce(any_value(c.needed), 1)
    UNION ALL
    SELECT code, employee_id, event, expires_at, first_day FROM dated WHERE alone
)

SELECT code, employee_id, event.day AS completed_at, event.id AS statement_id,
    expires_at, first_day AS first_completed_at
FROM whole
