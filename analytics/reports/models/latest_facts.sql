-- purpose: what is known of each Statement at $known_at: its row that was recorded last
-- grain:   one row per Statement
-- reads:   facts, superseded
-- as:      view
SELECT f.*
FROM facts AS f
LEFT JOIN superseded AS l ON l.statement_id = f.statement_id
WHERE f.recorded_at <= $known_at AND coalesce(f.recorded_at >= l.recorded_at, true)
