-- purpose: how many Statements stand on everybody's record up to $as_of
-- grain:   one row per person that has any
-- reads:   latest_facts
SELECT person_id AS employee_id, count(*) AS rows
FROM latest_facts
WHERE person_id IS NOT NULL AND local_date <= $as_of
GROUP BY person_id
