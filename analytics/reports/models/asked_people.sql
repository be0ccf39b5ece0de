-- purpose: who has a row in force on $as_of, of those that this call may see and asks for
-- grain:   one row per person
-- reads:   present, scope
SELECT p.*
FROM present AS p
JOIN scope AS c ON c.unit_id = p.org_unit_id
WHERE ($person IS NULL OR p.employee_id = $person)
    AND ($location IS NULL OR p.location_id = $location)
    AND ($job IS NULL OR p.job_code = $job)
    AND ($manager IS NULL OR p.manager_id = $manager)
    AND ($worker_type IS NULL OR p.worker_type = $worker_type)
