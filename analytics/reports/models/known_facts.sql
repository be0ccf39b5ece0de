-- purpose: what is known at $known_at of people's Statements up to $as_of
-- grain:   one row per Statement of a known person on an Activity, not voided
-- reads:   facts, voids
-- as:      view
--
-- Of a Statement's rows the one recorded last counts. All but the first are recorded
-- after it was stored, and few: looked for among those alone, nobody sorts all facts.
SELECT
    f.person_id, f.statement_id, f.timestamp, f.stored, f.local_date, f.verb,
    f.activity_id, f.success, f.completion, f.score_scaled
FROM facts AS f
WHERE f.recorded_at <= $known_at
    AND f.person_id IS NOT NULL
    AND f.activity_id IS NOT NULL
    AND f.local_date <= $as_of
    AND NOT EXISTS (
        SELECT 1 FROM facts AS later
        WHERE later.statement_id = f.statement_id
            AND later.recorded_at > later.stored
            AND later.recorded_at <= $known_at
            AND later.recorded_at > f.recorded_at
    )
    AND NOT EXISTS (
        SELECT 1 FROM voids AS v
        WHERE v.statement_id = f.statement_id AND v.recorded_at <= $known_at
    )
