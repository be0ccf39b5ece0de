-- purpose: who had a row in force on $since, as known at $known_at, and who was employed
-- grain:   one row per person
-- reads:   hr, employment
--
-- As present says, of another day, each under the manager of that day.
SELECT h.*, e.employee_id IS NOT NULL AS employed
FROM hr AS h
LEFT JOIN employment AS e
    ON e.employee_id = h.employee_id AND $since BETWEEN e.from_day AND e.to_day
WHERE $since BETWEEN h.from_day AND h.to_day
