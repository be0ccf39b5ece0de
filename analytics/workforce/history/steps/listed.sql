-- purpose: which identifiers a person's rows list, with the time it was believed
-- grain:   one row per person, list and stretch of recorded time, with its rows' days
-- reads:   recorded
--
-- Most people list the same in all their rows: the lists are put together before they
-- are taken apart.
WITH versions AS (
    SELECT employee_id, effective_date, identifiers, retracted,
        recorded_at AS recorded_from,
        lead(recorded_at, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
            PARTITION BY employee_id, effective_date ORDER BY recorded_at
        ) AS recorded_to
    FROM recorded
)

SELECT employee_id, identifiers, recorded_from, recorded_to,
    list(effective_date) AS days
FROM versions
WHERE retracted IS NOT true AND len(identifiers) > 0
GROUP BY employee_id, identifiers, recorded_from, recorded_to
