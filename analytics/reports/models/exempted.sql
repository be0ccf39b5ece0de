-- purpose: who is exempt from what on $as_of, why, and by whose word
-- grain:   one row per person and requirement
-- reads:   exemptions, survivors
SELECT coalesce(s.survivor_id, e.employee_id) AS employee_id, e.requirement,
    e.from_day, e.to_day, e.reason, e.approver, e.recorded_at, e.recorded_by
FROM exemptions AS e
LEFT JOIN survivors AS s USING (employee_id)
WHERE $as_of BETWEEN e.from_day AND e.to_day
QUALIFY row_number() OVER (
    PARTITION BY coalesce(s.survivor_id, e.employee_id), e.requirement
    ORDER BY e.from_day DESC, e.recorded_at DESC, e.employee_id
) = 1
