-- purpose: Who has not done, or not renewed, a training that is past its due date?
-- grain:   one row per person and requirement that is OVERDUE or EXPIRED
-- reads:   status, names, units
SELECT
    s.employee_id AS person_id,
    n.name,
    s.org_unit_id AS unit_id,
    u.unit_name,
    s.manager_id,
    s.code AS requirement,
    s.title,
    s.status,
    s.last_good_day AS due_date,
    $as_of - s.last_good_day AS days_overdue,
    CASE
        WHEN days_overdue <= 7 THEN '1-7'
        WHEN days_overdue <= 30 THEN '8-30'
        WHEN days_overdue <= 60 THEN '31-60'
        WHEN days_overdue <= 90 THEN '61-90'
        ELSE '>90'
    END AS age_band
FROM status AS s
LEFT JOIN names AS n USING (employee_id)
LEFT JOIN units AS u ON u.unit_id = s.org_unit_id
WHERE s.status IN ('OVERDUE', 'EXPIRED')
    AND ($status IS NULL OR s.status = $status)
ORDER BY days_overdue DESC, person_id, requirement
