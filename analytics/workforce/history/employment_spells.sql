-- purpose: when a person was employed: each rehire is a spell of its own
-- grain:   one row per person, spell and stretch of recorded time
-- reads:   spells, placed, moments
--
-- From hire_date through termination_date, the last day: valid_to is the day after it.
-- A hire that was rescinded (its rows are retracted) has no spell from then on. Spells
-- are numbered as they were known: a spell that is found late may move those after it.
-- An end that is known beforehand stands in the row like any other.
WITH told AS (
    SELECT moment, spell,
        arg_max(worker_type, effective_date) AS worker_type,
        arg_max(original_hire_date, effective_date) AS original_hire_date
    FROM placed
    GROUP BY moment, spell
),

known AS (
    SELECT
        m.employee_id, s.moment, m.recorded_from, m.recorded_to, s.spell,
        s.from_day AS valid_from,
        CASE WHEN s.to_day = DATE '9999-12-31' THEN s.to_day ELSE s.to_day + 1 END
            AS valid_to,
        nullif(s.to_day, DATE '9999-12-31') AS termination_date,
        t.original_hire_date, t.worker_type
    FROM spells AS s
    JOIN moments AS m USING (moment)
    LEFT JOIN told AS t USING (moment, spell)
),

numbered AS (
    SELECT *, moment - row_number() OVER (
        PARTITION BY employee_id, spell, valid_from, valid_to, original_hire_date,
            worker_type
        ORDER BY moment
    ) AS same
    FROM known
)

SELECT
    employee_id, spell, valid_from AS hire_date, original_hire_date, termination_date,
    worker_type, valid_from, valid_to,
    min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
FROM numbered
GROUP BY employee_id, spell, valid_from, valid_to, termination_date,
    original_hire_date, worker_type, same
