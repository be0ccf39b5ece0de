-- purpose: how many Statements stand on the record of each person
-- grain:   one row per person that has any
-- reads:   facts, superseded, asked_people
--
-- As latest_facts says, but of these people's rows only: whose they are is told first.
WITH theirs AS (
    SELECT p.employee_id, f.statement_id, f.recorded_at
    FROM facts AS f
    JOIN asked_people AS p ON p.employee_id = f.person_id
    WHERE f.recorded_at <= $known_at AND f.local_date <= $as_of
)

SELECT t.employee_id, count(*) AS rows
FROM theirs AS t
LEFT JOIN superseded AS l ON l.statement_id = t.statement_id
WHERE coalesce(t.recorded_at >= l.recorded_at, true)
GROUP BY t.employee_id
