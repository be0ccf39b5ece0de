-- purpose: who has a row in force on $as_of, as known at $known_at, and who is employed
-- grain:   one row per person
-- reads:   hr, employment, attributed
--
-- manager_id is whom reports count them under, which may be the former one for some days;
-- stated_manager_id is whom HR says.
SELECT h.* EXCLUDE (manager_id),
    CASE WHEN a.employee_id IS NULL THEN h.manager_id ELSE a.manager_id END AS manager_id,
    h.manager_id AS stated_manager_id,
    e.employee_id IS NOT NULL AS employed
FROM hr AS h
LEFT JOIN employment AS e
    ON e.employee_id = h.employee_id AND $as_of BETWEEN e.from_day AND e.to_day
LEFT JOIN attributed AS a ON a.employee_id = h.employee_id
WHERE $as_of BETWEEN h.from_day AND h.to_day
