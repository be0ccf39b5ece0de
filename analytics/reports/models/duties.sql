-- purpose: what is asked of whom on $as_of: from when it counts and when it is due
-- grain:   one row per person and requirement
-- reads:   membership, required, hr, employment, attributed
WITH placed AS (
    SELECT m.code, m.employee_id, m.entered, h.org_unit_id, h.location_id, h.job_code,
        h.job_title, CASE WHEN a.employee_id IS NULL THEN h.manager_id
            ELSE a.manager_id END AS manager_id,
        h.worker_type, h.status AS employment_status,
        h.hire_date, r.* EXCLUDE (code)
    FROM membership AS m
    JOIN required AS r USING (code)
    JOIN hr AS h
        ON h.employee_id = m.employee_id AND $as_of BETWEEN h.from_day AND h.to_day
    LEFT JOIN attributed AS a ON a.employee_id = m.employee_id
),

-- A rehire that carries over counts from the first employment it reaches back to.
reached AS (
    SELECT p.code, p.employee_id, max(e.n) AS n, max(now.n) AS present
    FROM placed AS p
    JOIN employment AS now
        ON now.employee_id = p.employee_id AND $as_of BETWEEN now.from_day AND now.to_day
    JOIN employment AS e
        ON e.employee_id = p.employee_id AND e.n <= now.n
        AND (e.n = 1 OR e.days_away > p.carry_gap_days)
    WHERE p.basis = 'hire' AND p.carry_gap_days IS NOT NULL
    GROUP BY p.code, p.employee_id
),

carried AS (
    SELECT r.code, r.employee_id, h.hire_date
    FROM reached AS r
    JOIN employment AS e ON e.employee_id = r.employee_id AND e.n = r.n
    JOIN hr AS h
        ON h.employee_id = r.employee_id AND e.to_day BETWEEN h.from_day AND h.to_day
    WHERE r.n < r.present
),

based AS (
    SELECT p.*,
        greatest(
            p.effective_from,
            CASE WHEN p.basis = 'hire' THEN coalesce(c.hire_date, p.hire_date)
                ELSE p.entered END
        ) AS base
    FROM placed AS p
    LEFT JOIN carried AS c USING (code, employee_id)
),

first_due AS (
    SELECT *,
        CASE WHEN basis = 'calendar' THEN
            calendar_basis + validity_days - 1 + validity_days * floor(
                (greatest(base + initial_days, calendar_basis) - calendar_basis)
                / validity_days
            )::INTEGER
        ELSE base + initial_days END AS unmoved
    FROM based
),

absences AS (
    SELECT h.employee_id,
        list({
            'from_day': greatest(h.from_day, e.from_day),
            'to_day': least(h.to_day, e.to_day, $as_of)
        } ORDER BY greatest(h.from_day, e.from_day)) AS leaves
    FROM hr AS h
    JOIN employment AS e
        ON e.employee_id = h.employee_id
        AND e.from_day <= h.to_day AND h.from_day <= e.to_day
    WHERE h.status = 'leave'
        AND greatest(h.from_day, e.from_day) <= least(h.to_day, e.to_day, $as_of)
    GROUP BY h.employee_id
)

-- Each leave that begins up to the day reached so far moves it by its days. leaves: in
-- their order, where returning from one may give time (see standings.sql).
SELECT
    employee_id, code, version, title, activities, all_of, satisfied_by, min_score,
    basis, calendar_basis, validity_days, grace_days, org_unit_id, location_id, job_code,
    job_title, manager_id, worker_type, employment_status, hire_date, entered, base,
    base - look_back_days AS counts_from, return_grace_days,
    CASE WHEN return_grace_days > 0 THEN leaves END AS leaves,
    CASE WHEN leave_policy = 'shift' AND leaves IS NOT NULL THEN
        list_reduce(
            list_prepend({'from_day': base, 'to_day': unmoved}, leaves),
            lambda due, leave: {
                'from_day': due.from_day,
                'to_day': due.to_day + (CASE
                    WHEN leave.from_day <= due.to_day AND leave.to_day >= due.from_day
                    THEN leave.to_day - greatest(leave.from_day, due.from_day) + 1
                    ELSE 0 END)::INTEGER
            }
        ).to_day
    ELSE unmoved END AS due_date
FROM first_due
LEFT JOIN absences USING (employee_id)
