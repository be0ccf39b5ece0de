-- purpose: Whose training runs out within the next days, and when?
-- grain:   one row per person and requirement that is EXPIRING within $days
-- reads:   status, names, units
SELECT
    s.employee_id AS person_id,
    n.name,
    s.org_unit_id AS unit_id,
    u.unit_name,
    s.manager_id,
    s.code AS requirement,
    s.title,
    s.version AS requirement_version,
    s.completed_at,
    s.expires_at,
    s.expires_at - $as_of AS days_left,
    CASE
        WHEN days_left <= 30 THEN '0-30'
        WHEN days_left <= 60 THEN '31-60'
        ELSE '61-90'
    END AS expiry_band
FROM status AS s
LEFT JOIN names AS n USING (employee_id)
LEFT JOIN units AS u ON u.unit_id = s.org_unit_id
WHERE s.status = 'EXPIRING' AND s.expires_at - $as_of <= $days
ORDER BY s.expires_at, person_id, requirement
