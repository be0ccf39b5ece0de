-- purpose: under whom people are counted on $as_of, where that is whom they had before
-- grain:   one row per person who was employed $former_manager_days before; none at 0
-- reads:   hr, employment
--
-- For so many days after a change, so that a manager of yesterday does not answer for
-- what another left behind. Everybody who was employed then stands where they stood, who
-- had no manager too: of two who change places neither is above the other twice.
SELECT b.employee_id, b.manager_id
FROM hr AS b
JOIN employment AS e
    ON e.employee_id = b.employee_id
    AND $as_of - $former_manager_days BETWEEN e.from_day AND e.to_day
WHERE $former_manager_days > 0
    AND $as_of - $former_manager_days BETWEEN b.from_day AND b.to_day
