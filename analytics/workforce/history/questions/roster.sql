-- purpose: Who was in this unit on this day, and since when?
-- grain:   one row per person, by unit and employee_id
-- reads:   placed, hr_rows, unit_edges, names, survivors, asked
--
-- tenure_days: the day minus the hire_date of the row in force. unit_since: the first
-- day of the unbroken stretch in the unit, within the spell. Of who was merged from
-- several employee_ids the primary row is shown, chosen as in the reports' hr.sql.
WITH stints AS (
    SELECT p.moment AS employee_id, p.spell, p.valid_from, p.valid_to, p.recorded_at,
        p.effective_date, h.org_unit_id, h.job_code, h.job_title, h.manager_id,
        p.status, h.worker_type, h.hire_date,
        p.valid_from IS DISTINCT FROM lag(p.valid_to) OVER one
            OR p.spell IS DISTINCT FROM lag(p.spell) OVER one
            OR h.org_unit_id IS DISTINCT FROM lag(h.org_unit_id) OVER one AS new
    FROM placed AS p
    JOIN hr_rows AS h ON h.employee_id = p.moment AND h.effective_date = p.effective_date
    WINDOW one AS (PARTITION BY p.moment ORDER BY p.valid_from)
),

numbered AS (
    SELECT *, count_if(new) OVER (PARTITION BY employee_id ORDER BY valid_from) AS n
    FROM stints
),

placed_since AS (
    SELECT *, min(valid_from) OVER (PARTITION BY employee_id, n) AS unit_since
    FROM numbered
),

present AS (
    SELECT s.* REPLACE (coalesce(v.survivor_id, s.employee_id) AS employee_id)
    FROM placed_since AS s
    LEFT JOIN survivors AS v USING (employee_id)
    WHERE s.valid_from <= $as_of AND $as_of < s.valid_to
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(v.survivor_id, s.employee_id)
        ORDER BY
            list_position(
                ['employee', 'contractor', 'partner', 'customer'], s.worker_type
            ),
            s.hire_date DESC,
            s.employee_id
    ) = 1
)

SELECT
    s.employee_id,
    own.name,
    s.org_unit_id AS unit_id,
    e.name AS unit_name,
    s.job_code,
    s.job_title,
    coalesce(m.survivor_id, s.manager_id) AS manager_id,
    boss.name AS manager_name,
    s.status,
    s.worker_type,
    s.hire_date,
    ($as_of - s.hire_date)::INTEGER AS tenure_days,
    s.unit_since,
    s.recorded_at
FROM present AS s
SEMI JOIN asked AS a ON a.unit_id = s.org_unit_id
LEFT JOIN survivors AS m ON m.employee_id = s.manager_id
LEFT JOIN unit_edges AS e
    ON e.unit_id = s.org_unit_id AND $as_of BETWEEN e.from_day AND e.to_day
LEFT JOIN names AS own ON own.employee_id = s.employee_id
LEFT JOIN names AS boss ON boss.employee_id = coalesce(m.survivor_id, s.manager_id)
ORDER BY unit_id, s.employee_id
