-- purpose: how many rows of evidence there are of each person
-- grain:   one row per person that has any
-- reads:   status
SELECT employee_id, sum(greatest(statements, 1))::BIGINT AS rows
FROM status
WHERE $status IS NULL OR status = $status
GROUP BY employee_id
