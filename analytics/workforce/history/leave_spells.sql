-- purpose: when a person was on leave
-- grain:   one row per person, unbroken leave within a spell and stretch of recorded time
-- reads:   placed, moments
--
-- Rows of leave that follow each other are one leave, whatever else they change.
WITH marked AS (
    SELECT moment, spell, valid_from, valid_to,
        count_if(new) OVER (PARTITION BY moment, spell ORDER BY valid_from) AS n
    FROM (
        SELECT *, valid_from IS DISTINCT FROM lag(valid_to) OVER (
            PARTITION BY moment, spell ORDER BY valid_from
        ) AS new
        FROM placed
        WHERE status = 'leave'
    )
),

leaves AS (
    SELECT moment, spell, min(valid_from) AS valid_from, max(valid_to) AS valid_to
    FROM marked
    GROUP BY moment, spell, n
),

numbered AS (
    SELECT m.employee_id, l.spell, l.valid_from, l.valid_to,
        m.recorded_from, m.recorded_to,
        l.moment - row_number() OVER (
            PARTITION BY m.employee_id, l.spell, l.valid_from, l.valid_to
            ORDER BY l.moment
        ) AS same
    FROM leaves AS l
    JOIN moments AS m USING (moment)
)

SELECT employee_id, spell, valid_from, valid_to,
    min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
FROM numbered
GROUP BY employee_id, spell, valid_from, valid_to, same
