-- purpose: the standings that this call may see and asks for
-- grain:   one row per person and applicable requirement
-- reads:   standings, scope
-- as:      view
--
-- good: it counts as compliant; applicable: it stands inside the rates; on_time: done for
-- the first time by its due date, whatever became of it since.
SELECT s.*,
    s.status IN ('COMPLIANT', 'EXPIRING') AS good,
    s.status NOT IN ('EXEMPT', 'ON_LEAVE') AS applicable,
    s.due_date < $as_of AS was_due,
    coalesce(s.first_completed_at <= s.due_date, false) AS on_time
FROM standings AS s
JOIN scope AS c ON c.unit_id = s.org_unit_id
WHERE ($person IS NULL OR s.employee_id = $person)
    AND ($requirement IS NULL OR s.code = $requirement)
    AND ($location IS NULL OR s.location_id = $location)
    AND ($job IS NULL OR s.job_code = $job)
    AND ($manager IS NULL OR s.manager_id = $manager)
    AND ($worker_type IS NULL OR s.worker_type = $worker_type)
