-- purpose: what is known at $known_at of people's Statements up to $as_of
-- grain:   one row per Statement of a known person on an Activity, not voided
-- reads:   latest_facts, voids
-- as:      view
WITH voided AS (
    SELECT DISTINCT statement_id FROM voids
    WHERE recorded_at <= $known_at AND statement_id IS NOT NULL
)

SELECT
    f.person_id, f.statement_id, f.timestamp, f.stored, f.local_date, f.verb,
    f.activity_id, f.success, f.completion, f.score_scaled
FROM latest_facts AS f
LEFT JOIN voided AS v ON v.statement_id = f.statement_id
WHERE f.person_id IS NOT NULL
    AND f.activity_id IS NOT NULL
    AND f.local_date <= $as_of
    AND v.statement_id IS NULL
