-- purpose: who has a row in force on $as_of, as known at $known_at, and who is employed
-- grain:   one row per person
-- reads:   hr, employment
SELECT h.*, e.employee_id IS NOT NULL AS employed
FROM hr AS h
LEFT JOIN employment AS e
    ON e.employee_id = h.employee_id AND $as_of BETWEEN e.from_day AND e.to_day
WHERE $as_of BETWEEN h.from_day AND h.to_day
