-- purpose: who manages whom, and where managers form a circle
-- grain:   one row per person, unbroken stretch under a manager and of recorded time
-- reads:   managed
--
-- in_circle: at some moment of these stretches the chain of managers above this person
-- came back to them. Only who manages somebody can be in one; a chain is followed 50
-- steps up, so that no data can make this long: a larger circle is not told.
WITH RECURSIVE inner_edges AS (
    SELECT e.* FROM managed AS e
    WHERE e.employee_id IN (SELECT manager_id FROM managed)
        AND e.manager_id IN (SELECT employee_id FROM managed)
),

core AS (
    SELECT e.* FROM inner_edges AS e
    WHERE e.employee_id IN (SELECT manager_id FROM inner_edges)
        AND e.manager_id IN (SELECT employee_id FROM inner_edges)
),

chain AS (
    SELECT
        employee_id AS first_employee, manager_id AS first_manager,
        valid_from AS first_valid, recorded_from AS first_recorded,
        manager_id AS reached, valid_from, valid_to, recorded_from, recorded_to,
        1 AS steps
    FROM core
    UNION ALL
    SELECT
        c.first_employee, c.first_manager, c.first_valid, c.first_recorded,
        e.manager_id,
        greatest(c.valid_from, e.valid_from), least(c.valid_to, e.valid_to),
        greatest(c.recorded_from, e.recorded_from),
        least(c.recorded_to, e.recorded_to),
        c.steps + 1
    FROM chain AS c
    JOIN core AS e
        ON e.employee_id = c.reached
        AND e.valid_from < c.valid_to AND c.valid_from < e.valid_to
        AND e.recorded_from < c.recorded_to AND c.recorded_from < e.recorded_to
    WHERE c.reached <> c.first_employee AND c.steps < 50
),

circles AS (
    SELECT DISTINCT first_employee, first_manager, first_valid, first_recorded
    FROM chain
    WHERE reached = first_employee
)

SELECT
    e.employee_id, e.manager_id, 'primary' AS type,
    c.first_employee IS NOT NULL AS in_circle,
    e.valid_from, e.valid_to, e.recorded_from, e.recorded_to
FROM managed AS e
LEFT JOIN circles AS c
    ON c.first_employee = e.employee_id AND c.first_manager = e.manager_id
    AND c.first_valid = e.valid_from AND c.first_recorded = e.recorded_from
