-- purpose: how many pairs of each status a person has, of those that this call asks for
-- grain:   one row per person with a requirement that applies to them
-- reads:   tallied, scope, status, tally
--
-- Of all requirements they are at hand; of one they are counted.
SELECT t.*
FROM tallied AS t
JOIN scope AS c ON c.unit_id = t.org_unit_id
WHERE $requirement IS NULL
    AND ($person IS NULL OR t.employee_id = $person)
    AND ($location IS NULL OR t.location_id = $location)
    AND ($job IS NULL OR t.job_code = $job)
    AND ($manager IS NULL OR t.manager_id = $manager)
    AND ($worker_type IS NULL OR t.worker_type = $worker_type)
UNION ALL
SELECT * FROM tally('status') WHERE $requirement IS NOT NULL
