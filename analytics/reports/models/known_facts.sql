-- purpose: what is known at $known_at of people's Statements up to $as_of
-- grain:   one row per Statement of a known person on an Activity, not voided
-- reads:   facts, voids
WITH latest AS (
    SELECT * FROM facts
    WHERE recorded_at <= $known_at
    QUALIFY row_number() OVER (
        PARTITION BY statement_id ORDER BY recorded_at DESC
    ) = 1
)

SELECT
    f.person_id, f.statement_id, f.timestamp, f.stored, f.local_date, f.verb,
    f.activity_id, f.success, f.completion, f.score_scaled
FROM latest AS f
WHERE f.person_id IS NOT NULL
    AND f.activity_id IS NOT NULL
    AND f.local_date <= $as_of
    AND NOT EXISTS (
        SELECT 1 FROM voids AS v
        WHERE v.statement_id = f.statement_id AND v.recorded_at <= $known_at
    )
