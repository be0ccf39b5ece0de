-- purpose: who is counted under a former manager on $as_of, so soon after the change
-- grain:   one row per person who was employed under some manager so many days before
-- reads:   hr, employment
--
-- For $former_manager_days after a change, so that a manager of yesterday does not answer
-- for what another left behind. Who is new, or had no manager then, stands under their own.
SELECT b.employee_id, b.manager_id
FROM hr AS b
JOIN employment AS e
    ON e.employee_id = b.employee_id
    AND $as_of - $former_manager_days BETWEEN e.from_day AND e.to_day
WHERE $former_manager_days > 0
    AND $as_of - $former_manager_days BETWEEN b.from_day AND b.to_day
    AND b.manager_id IS NOT NULL
