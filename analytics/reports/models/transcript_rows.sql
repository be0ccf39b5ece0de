-- purpose: how many Statements stand on the record of each person
-- grain:   one row per person that has any
-- reads:   latest_facts, asked_people
SELECT p.employee_id, count(*) AS rows
FROM asked_people AS p
JOIN latest_facts AS f ON f.person_id = p.employee_id
WHERE f.local_date <= $as_of
GROUP BY p.employee_id
