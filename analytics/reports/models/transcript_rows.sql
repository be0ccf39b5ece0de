-- purpose: how many Statements stand on the record of each person
-- grain:   one row per person that has any
-- reads:   told, asked_people
SELECT t.employee_id, t.rows
FROM told AS t
JOIN asked_people AS p ON p.employee_id = t.employee_id
