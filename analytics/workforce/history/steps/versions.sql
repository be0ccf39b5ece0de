-- purpose: what the rows of the ledger say of units, with the time it was believed
-- grain:   one row per row of the ledger that holds, half-open in recorded time
-- reads:   recorded
SELECT * EXCLUDE (retracted)
FROM (
    SELECT
        employee_id, effective_date AS day, org_unit_id AS unit_id,
        org_unit_name, org_parent_id, retracted,
        recorded_at AS recorded_from,
        lead(recorded_at, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
            PARTITION BY employee_id, effective_date ORDER BY recorded_at
        ) AS recorded_to
    FROM recorded
)
WHERE retracted IS NOT true AND unit_id IS NOT NULL
