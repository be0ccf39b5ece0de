-- purpose: who somebody was in the company on the day of a Statement that bears on a duty
-- grain:   one row per Statement of attempts, as known at $known_at
-- reads:   attempts, latest_facts
SELECT
    statement_id, registration, duration, identity_method, identity_reason,
    org_unit_id, job_code, job_title, hr_recorded_at
FROM latest_facts
WHERE statement_id IN (SELECT statement_id FROM attempts)
