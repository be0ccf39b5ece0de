-- purpose: Whom does each requirement cover, in which version, and whom does none cover?
-- grain:   one row per version of a requirement; the last one is of people without any
-- reads:   status, staff, requirements, required, rates
--
-- A version that is not in force on the day covers nobody. share_of_people is of those
-- employed; never_completed are pairs without a completion that counts. The last row has
-- no requirement: its people are covered by none.
WITH everybody AS (SELECT count(*) AS people FROM staff),

figures AS (
    SELECT code, version,
        count(*) AS people,
        count(*) FILTER (status = 'COMPLIANT') AS compliant,
        count(*) FILTER (status = 'EXPIRING') AS expiring,
        count(*) FILTER (status = 'GRACE') AS grace,
        count(*) FILTER (status = 'IN_PROGRESS') AS in_progress,
        count(*) FILTER (status = 'NOT_STARTED') AS not_started,
        count(*) FILTER (status = 'OVERDUE') AS overdue,
        count(*) FILTER (status = 'EXPIRED') AS expired,
        count(*) FILTER (status = 'ON_LEAVE') AS on_leave,
        count(*) FILTER (status = 'EXEMPT') AS exempt,
        count(*) FILTER (completed_at IS NULL) AS never_completed,
        count(*) FILTER (good) AS good,
        count(*) FILTER (applicable) AS applicable
    FROM status
    GROUP BY code, version
),

listed AS (
    SELECT r.code AS requirement, r.title, r.version, r.version_from,
        f.version IS NOT NULL AS in_force,
        r.retention_years, r.retention_from, r.retention_basis
    FROM requirements AS r
    LEFT JOIN required AS f ON f.code = r.code AND f.version = r.version
    WHERE $requirement IS NULL OR r.code = $requirement
    UNION ALL
    SELECT NULL, 'Covered by none', NULL, NULL, NULL, NULL, NULL, NULL
    WHERE $requirement IS NULL
),

uncovered AS (
    SELECT count(*) AS people FROM staff AS s
    WHERE NOT EXISTS (SELECT 1 FROM status AS t WHERE t.employee_id = s.employee_id)
)

SELECT
    l.requirement,
    l.title,
    l.version AS requirement_version,
    l.version_from,
    l.in_force,
    CASE WHEN l.requirement IS NULL THEN u.people
        ELSE coalesce(f.people, 0) END AS people,
    CASE WHEN l.requirement IS NULL THEN u.people
        ELSE coalesce(f.people, 0) END / nullif(e.people, 0) AS share_of_people,
    CASE WHEN l.in_force THEN
        coalesce(COLUMNS(f.* EXCLUDE (code, version, people, good, applicable)), 0) END,
    f.good / nullif(f.applicable, 0) AS strict_rate,
    wilson_low(f.good, f.applicable) AS rate_low,
    wilson_high(f.good, f.applicable) AS rate_high,
    l.retention_years,
    l.retention_from,
    l.retention_basis
FROM listed AS l
CROSS JOIN everybody AS e
CROSS JOIN uncovered AS u
LEFT JOIN figures AS f ON f.code = l.requirement AND f.version = l.version
WHERE e.people > 0
ORDER BY l.requirement NULLS LAST, requirement_version
