-- purpose: what is asked of whom on $as_of: from when it counts and when it is due
-- grain:   one row per person and requirement
-- reads:   membership, required, hr, spells
WITH placed AS (
    SELECT m.code, m.employee_id, m.entered, h.org_unit_id, h.manager_id,
        h.status AS employment_status, h.hire_date, r.* EXCLUDE (code)
    FROM membership AS m
    JOIN required AS r USING (code)
    JOIN hr AS h
        ON h.employee_id = m.employee_id AND $as_of BETWEEN h.from_day AND h.to_day
),

based AS (
    SELECT p.* EXCLUDE (hire_date),
        greatest(
            p.effective_from,
            CASE
                WHEN p.basis <> 'hire' THEN p.entered
                -- A rehire that carries over counts from the first hire it carries.
                WHEN p.carry_gap_days IS NOT NULL
                    THEN coalesce(s.from_day, p.hire_date)
                ELSE p.hire_date
            END
        ) AS base
    FROM placed AS p
    LEFT JOIN spells AS s
        ON s.employee_id = p.employee_id AND p.entered BETWEEN s.from_day AND s.to_day
),

absences AS (
    SELECT h.employee_id,
        list({
            'from_day': greatest(h.from_day, s.from_day),
            'to_day': least(h.to_day, s.to_day, $as_of)
        } ORDER BY h.from_day) AS leaves
    FROM hr AS h
    JOIN spells AS s
        ON s.employee_id = h.employee_id
        AND s.from_day <= h.to_day AND h.from_day <= s.to_day
    WHERE h.status = 'leave'
        AND greatest(h.from_day, s.from_day) <= least(h.to_day, s.to_day, $as_of)
    GROUP BY h.employee_id
),

-- Each leave that begins before the day reached so far moves it by its days.
shifted AS (
    SELECT b.*,
        CASE WHEN b.leave_policy = 'shift' AND a.leaves IS NOT NULL THEN
            list_reduce(
                list_prepend(
                    {'from_day': b.base, 'to_day': b.base + b.initial_days}, a.leaves
                ),
                lambda due, leave: {
                    'from_day': b.base,
                    'to_day': due.to_day + CASE
                        WHEN leave.from_day <= due.to_day AND leave.to_day >= b.base
                        THEN leave.to_day - greatest(leave.from_day, b.base) + 1
                        ELSE 0 END
                }
            ).to_day
        ELSE b.base + b.initial_days END AS first_due
    FROM based AS b
    LEFT JOIN absences AS a USING (employee_id)
)

SELECT
    employee_id, code, version, title, activities, all_of, satisfied_by, min_score,
    basis, calendar_basis, validity_days, grace_days, org_unit_id, manager_id,
    employment_status, entered, base,
    base - look_back_days AS counts_from,
    CASE WHEN basis = 'calendar' THEN
        calendar_basis + validity_days - 1 + validity_days * floor(
            (greatest(first_due, calendar_basis) - calendar_basis) / validity_days
        )::INTEGER
    ELSE first_due END AS due_date
FROM shifted
