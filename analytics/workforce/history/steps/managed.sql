-- purpose: under which manager a person stood
-- grain:   one row per person, unbroken stretch under a manager and of recorded time
-- reads:   placed, moments
--
-- The primary manager is the manager_id of the row in force. One change of it and back
-- are three stretches; other changes of a row divide none.
WITH marked AS (
    SELECT moment, manager_id, valid_from, valid_to,
        count_if(new) OVER (PARTITION BY moment, manager_id ORDER BY valid_from) AS n
    FROM (
        SELECT *, valid_from IS DISTINCT FROM lag(valid_to) OVER (
            PARTITION BY moment, manager_id ORDER BY valid_from
        ) AS new
        FROM placed
        WHERE manager_id IS NOT NULL
    )
),

stretches AS (
    SELECT moment, manager_id, min(valid_from) AS valid_from, max(valid_to) AS valid_to
    FROM marked
    GROUP BY moment, manager_id, n
),

numbered AS (
    SELECT m.employee_id, s.manager_id, s.valid_from, s.valid_to,
        m.recorded_from, m.recorded_to,
        s.moment - row_number() OVER (
            PARTITION BY m.employee_id, s.manager_id, s.valid_from, s.valid_to
            ORDER BY s.moment
        ) AS same
    FROM stretches AS s
    JOIN moments AS m USING (moment)
)

SELECT employee_id, manager_id, valid_from, valid_to,
    min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
FROM numbered
GROUP BY employee_id, manager_id, valid_from, valid_to, same
