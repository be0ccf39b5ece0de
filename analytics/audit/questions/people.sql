-- purpose: Who was in the unit on $as_of, and under which employee_ids?
-- grain:   one row per person and employee_id that is theirs
-- reads:   status, hr, employment, scope, survivors
WITH found AS (
    SELECT employee_id FROM status
    UNION
    SELECT h.employee_id
    FROM hr AS h
    JOIN scope AS c ON c.unit_id = h.org_unit_id
    JOIN employment AS e
        ON e.employee_id = h.employee_id AND $as_of BETWEEN e.from_day AND e.to_day
    WHERE $as_of BETWEEN h.from_day AND h.to_day
)

SELECT employee_id AS person_id, employee_id FROM found
UNION ALL
SELECT s.survivor_id, s.employee_id
FROM survivors AS s
WHERE s.survivor_id IN (SELECT employee_id FROM found)
ORDER BY person_id, employee_id
