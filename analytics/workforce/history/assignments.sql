-- purpose: where a person stood in each spell: unit, job, place, manager, status
-- grain:   one row per person, row in force, spell and stretch of recorded time
-- reads:   placed, moments, recorded
--
-- row_recorded_at is when the row used was recorded; recorded_from is later where
-- another row changed the days on which it holds.
WITH known AS (
    SELECT
        m.employee_id, p.spell, p.effective_date, p.recorded_at, p.status,
        p.valid_from, p.valid_to, m.recorded_from, m.recorded_to,
        p.moment - row_number() OVER (
            PARTITION BY m.employee_id, p.spell, p.effective_date, p.recorded_at,
                p.valid_from, p.valid_to
            ORDER BY p.moment
        ) AS same
    FROM placed AS p
    JOIN moments AS m USING (moment)
),

lasting AS (
    SELECT
        employee_id, spell, effective_date, recorded_at, status, valid_from, valid_to,
        min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
    FROM known
    GROUP BY
        employee_id, spell, effective_date, recorded_at, status, valid_from, valid_to,
        same
)

SELECT
    l.employee_id, l.spell, l.effective_date,
    l.status, r.worker_type, r.job_code, r.job_title, r.job_level, r.org_unit_id,
    r.location_id, r.location_time_zone, r.manager_id, r.cost_center_id, r.fte,
    r.regulatory_classes, l.recorded_at AS row_recorded_at,
    l.valid_from, l.valid_to, l.recorded_from, l.recorded_to
FROM lasting AS l
JOIN recorded AS r
    ON r.employee_id = l.employee_id
    AND r.effective_date = l.effective_date
    AND r.recorded_at = l.recorded_at
