-- purpose: Whom does a requirement cover, since when, and how do they stand?
-- grain:   one row per person and applicable requirement
-- reads:   status, names
SELECT
    s.employee_id AS person_id,
    n.name,
    s.org_unit_id AS unit_id,
    s.location_id,
    s.worker_type,
    s.code AS requirement,
    s.version,
    s.entered AS since,
    s.due_date,
    s.status
FROM status AS s
LEFT JOIN names AS n USING (employee_id)
ORDER BY requirement, person_id
