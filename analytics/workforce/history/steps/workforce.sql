-- purpose: every person as known at every moment, as a person of its own
-- grain:   one row per moment and version of a row recorded by then
-- reads:   moments, recorded
--
-- The models of the reports (hr_rows, employed) read this table and no other, and a moment
-- stands here in the place of the employee_id: so they answer for every moment at once
-- what they answer for one known_at, and a rule is written once.
SELECT
    m.moment AS employee_id,
    r.effective_date,
    r.hire_date,
    r.original_hire_date,
    r.termination_date,
    r.status,
    r.worker_type,
    r.manager_id,
    r.retracted,
    r.recorded_at
FROM moments AS m
JOIN recorded AS r
    ON r.employee_id = m.employee_id AND r.recorded_at <= m.recorded_from
