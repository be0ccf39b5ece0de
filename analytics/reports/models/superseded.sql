-- purpose: of which Statements something was said again, and when last, by $known_at
-- grain:   one row per Statement with a row beside its first
-- reads:   facts
--
-- All rows of a Statement but its first are recorded after it was stored, and few: looked
-- for among those alone, nobody sorts all facts.
SELECT statement_id, max(recorded_at) AS recorded_at
FROM facts
WHERE recorded_at > stored AND recorded_at <= $known_at
GROUP BY statement_id
