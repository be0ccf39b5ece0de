-- purpose: which row of a person was in force in which spell, as known at every moment
-- grain:   one row per moment, spell and effective date; days half-open
-- reads:   spells, hr_rows
--
-- status is that of the day: a row that says terminated is in force until the last day
-- of work that it names, and somebody employed on a day is not terminated on it.
SELECT
    s.moment,
    s.spell,
    greatest(s.from_day, h.from_day) AS valid_from,
    CASE WHEN least(s.to_day, h.to_day) = DATE '9999-12-31' THEN DATE '9999-12-31'
        ELSE least(s.to_day, h.to_day) + 1 END AS valid_to,
    h.effective_date,
    h.recorded_at,
    CASE WHEN h.status = 'terminated' THEN 'active' ELSE h.status END AS status,
    h.worker_type,
    h.manager_id,
    h.original_hire_date
FROM spells AS s
JOIN hr_rows AS h
    ON h.employee_id = s.moment
    AND s.from_day <= h.to_day AND h.from_day <= s.to_day
