-- purpose: what is known at $known_at of people's Statements up to $as_of
-- grain:   one row per Statement of a known person on an Activity, not voided
-- reads:   facts, voids
-- as:      view
--
-- Of a Statement's rows the one recorded last counts. All but the first are recorded
-- after it was stored, and few: looked for among those alone, nobody sorts all facts.
WITH later AS (
    SELECT statement_id, max(recorded_at) AS recorded_at
    FROM facts
    WHERE recorded_at > stored AND recorded_at <= $known_at
    GROUP BY statement_id
),

voided AS (
    SELECT DISTINCT statement_id FROM voids
    WHERE recorded_at <= $known_at AND statement_id IS NOT NULL
)

SELECT
    f.person_id, f.statement_id, f.timestamp, f.stored, f.local_date, f.verb,
    f.activity_id, f.success, f.completion, f.score_scaled
FROM facts AS f
LEFT JOIN later AS l ON l.statement_id = f.statement_id
LEFT JOIN voided AS v ON v.statement_id = f.statement_id
WHERE f.recorded_at <= $known_at
    AND f.person_id IS NOT NULL
    AND f.activity_id IS NOT NULL
    AND f.local_date <= $as_of
    AND coalesce(f.recorded_at >= l.recorded_at, true)
    AND v.statement_id IS NULL
