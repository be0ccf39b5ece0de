-- purpose: the spells of employment, as known at every moment
-- grain:   one row per moment and spell, numbered in time
-- reads:   employed
--
-- Stretches that touch or overlap are one spell, whatever hire_dates their rows give (a
-- corrected hire_date leaves no second spell behind), but for a rehire on the day after
-- the last one: what begins on its own hire_date, with nothing on that day before it,
-- is a new spell.
WITH marked AS (
    SELECT *,
        max(to_day) OVER (
            PARTITION BY employee_id ORDER BY from_day, to_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM employed
),

numbered AS (
    SELECT *,
        count_if(
            before IS NULL OR from_day > before + 1
            OR (from_day = before + 1 AND from_day = hire_date)
        ) OVER (PARTITION BY employee_id ORDER BY from_day, to_day) AS spell
    FROM marked
)

SELECT
    employee_id AS moment,
    spell::INTEGER AS spell,
    min(from_day) AS from_day,
    max(to_day) AS to_day
FROM numbered
GROUP BY employee_id, spell
