-- purpose: who is employed on $as_of, of those that this call may see and asks for
-- grain:   one row per person
-- reads:   hr, employment, scope
SELECT h.*
FROM hr AS h
JOIN employment AS e
    ON e.employee_id = h.employee_id AND $as_of BETWEEN e.from_day AND e.to_day
JOIN scope AS c ON c.unit_id = h.org_unit_id
WHERE $as_of BETWEEN h.from_day AND h.to_day
    AND ($person IS NULL OR h.employee_id = $person)
    AND ($location IS NULL OR h.location_id = $location)
    AND ($job IS NULL OR h.job_code = $job)
    AND ($manager IS NULL OR h.manager_id = $manager)
    AND ($worker_type IS NULL OR h.worker_type = $worker_type)
