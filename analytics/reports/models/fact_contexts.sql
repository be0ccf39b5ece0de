-- purpose: who somebody was in the company on the day of a Statement that bears on a duty
-- grain:   one row per Statement of attempts, as known at $known_at
-- reads:   attempts, facts
SELECT
    statement_id, registration, duration, identity_method, identity_reason,
    org_unit_id, job_code, job_title, hr_recorded_at
FROM facts
WHERE recorded_at <= $known_at
    AND statement_id IN (SELECT statement_id FROM attempts)
QUALIFY row_number() OVER (PARTITION BY statement_id ORDER BY recorded_at DESC) = 1
