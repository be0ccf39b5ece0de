-- purpose: how long a leave lasted, or a person stood under one manager
-- grain:   one row per noun, person, unbroken stretch within its key and of recorded time
-- reads:   placed, moments
--
-- noun is leave (its key: the spell) or manager (its key: the manager_id). Rows that
-- follow each other are one stretch, whatever else they change; there and back again
-- are three.
WITH told AS (
    SELECT moment, 'leave' AS noun, spell, NULL::VARCHAR AS manager_id,
        valid_from, valid_to
    FROM placed WHERE status = 'leave'
    UNION ALL
    SELECT moment, 'manager', NULL, manager_id, valid_from, valid_to
    FROM placed WHERE manager_id IS NOT NULL
),

marked AS (
    SELECT *, count_if(new) OVER (
        PARTITION BY moment, noun, spell, manager_id ORDER BY valid_from
    ) AS n
    FROM (
        SELECT *, valid_from IS DISTINCT FROM lag(valid_to) OVER (
            PARTITION BY moment, noun, spell, manager_id ORDER BY valid_from
        ) AS new
        FROM told
    )
),

stretches AS (
    SELECT moment, noun, spell, manager_id,
        min(valid_from) AS valid_from, max(valid_to) AS valid_to
    FROM marked
    GROUP BY moment, noun, spell, manager_id, n
),

numbered AS (
    SELECT m.employee_id, s.* EXCLUDE (moment), m.recorded_from, m.recorded_to,
        s.moment - row_number() OVER (
            PARTITION BY m.employee_id, s.noun, s.spell, s.manager_id, s.valid_from,
                s.valid_to
            ORDER BY s.moment
        ) AS same
    FROM stretches AS s
    JOIN moments AS m USING (moment)
)

SELECT noun, employee_id, spell, manager_id, valid_from, valid_to,
    min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
FROM numbered
GROUP BY noun, employee_id, spell, manager_id, valid_from, valid_to, same
