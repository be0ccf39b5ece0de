-- purpose: how many pairs of each status a person has: tallies, of several days
-- grain:   one row per day and person with a requirement that applies to them
-- reads:   tallied_at, standings_at, scope_at, tally
-- as:      view
WITH status_at AS (
    SELECT s.* REPLACE ({'day': s.day, 'id': s.employee_id} AS employee_id)
    FROM standings_at AS s
    JOIN scope_at AS c ON c.day = s.day AND c.unit_id = s.org_unit_id
    WHERE s.code = $requirement
        AND ($person IS NULL OR s.employee_id = $person)
        AND ($location IS NULL OR s.location_id = $location)
        AND ($job IS NULL OR s.job_code = $job)
        AND ($manager IS NULL OR s.manager_id = $manager)
        AND ($worker_type IS NULL OR s.worker_type = $worker_type)
)

SELECT t.*
FROM tallied_at AS t
JOIN scope_at AS c ON c.day = t.day AND c.unit_id = t.org_unit_id
WHERE $requirement IS NULL
    AND ($person IS NULL OR t.employee_id = $person)
    AND ($location IS NULL OR t.location_id = $location)
    AND ($job IS NULL OR t.job_code = $job)
    AND ($manager IS NULL OR t.manager_id = $manager)
    AND ($worker_type IS NULL OR t.worker_type = $worker_type)
UNION ALL BY NAME
SELECT employee_id.day AS day, * REPLACE (employee_id.id AS employee_id)
FROM tally('status_at')
