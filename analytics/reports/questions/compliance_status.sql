-- purpose: What is the status of each person on each requirement that applies to them?
-- grain:   one row per person and applicable requirement
-- reads:   status, names
SELECT
    s.employee_id AS person_id,
    n.name,
    s.org_unit_id AS unit_id,
    s.manager_id,
    s.code AS requirement,
    s.version AS requirement_version,
    s.status,
    s.due_date,
    s.completed_at,
    s.expires_at,
    s.statement_id
FROM status AS s
LEFT JOIN names AS n USING (employee_id)
WHERE ($status IS NULL OR s.status = $status)
ORDER BY person_id, requirement
