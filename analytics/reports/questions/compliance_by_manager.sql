-- purpose: How do the people of each manager stand, direct reports and all below?
-- grain:   one row per manager of somebody, lowest rate first; one of those without any
-- reads:   standings, scope, manager_closure, present, names, tally, rates
--
-- The figures are those of the direct reports; where their names end in _below, of
-- everybody under the manager, at any depth. A manager outside the caller's area has no
-- name here, and the figures are of the people inside it. The filter manager names whose
-- row is asked for, and so does not narrow what is below.
WITH team AS (
    SELECT s.*
    FROM standings AS s
    JOIN scope AS c ON c.unit_id = s.org_unit_id
    WHERE ($person IS NULL OR s.employee_id = $person)
        AND ($requirement IS NULL OR s.code = $requirement)
        AND ($location IS NULL OR s.location_id = $location)
        AND ($job IS NULL OR s.job_code = $job)
        AND ($worker_type IS NULL OR s.worker_type = $worker_type)
),

tallies AS (SELECT * FROM tally('team')),

direct AS (SELECT manager_id AS group_id, * FROM tallies),

beneath AS (
    SELECT c.manager_id AS group_id, t.*
    FROM tallies AS t JOIN manager_closure AS c USING (employee_id)
),

managers AS (
    SELECT h.employee_id, h.org_unit_id, n.name
    FROM present AS h
    JOIN scope AS s ON s.unit_id = h.org_unit_id
    LEFT JOIN names AS n ON n.employee_id = h.employee_id
),

-- Nobody's direct reports may be in a requirement that those below are in.
shown AS (
    SELECT coalesce(d.group_id, b.group_id) AS manager_id,
        coalesce(d.people, 0) AS people,
        coalesce(d.pairs, 0) AS pairs,
        d.* EXCLUDE (group_id, people, pairs),
        b.people AS people_below,
        b.fully_compliant_people AS fully_compliant_people_below,
        b.pairs AS pairs_below,
        b.overdue + b.expired AS overdue_or_expired_below,
        b.strict_rate AS strict_rate_below,
        b.rate_low AS rate_low_below,
        b.rate_high AS rate_high_below,
        b.due_rate AS due_rate_below,
        b.on_time_rate AS on_time_rate_below
    FROM rates('direct') AS d
    FULL JOIN rates('beneath') AS b ON b.group_id = d.group_id
)

SELECT s.manager_id, m.name, m.org_unit_id AS unit_id, s.* EXCLUDE (manager_id)
FROM shown AS s
LEFT JOIN managers AS m ON m.employee_id = s.manager_id
WHERE (m.employee_id IS NOT NULL OR s.people > 0)
    AND ($manager IS NULL OR s.manager_id = $manager)
ORDER BY s.strict_rate NULLS LAST, s.overdue + s.expired DESC NULLS LAST,
    s.manager_id NULLS LAST
