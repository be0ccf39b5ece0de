-- purpose: the status of every duty on $as_of as known at $known_at: the first that fits
-- grain:   one row per person and applicable requirement
-- reads:   duties, completions, attempts, exempted, curriculum_items
--
-- statements: how many bear on the duty, once for each item of a curriculum. good: it
-- counts as compliant; applicable: it stands inside the rates; on_time: done for the
-- first time by its due date, whatever became of it since.
WITH tried AS (
    SELECT code, employee_id, count(*) AS statements FROM attempts
    GROUP BY code, employee_id
),

facts AS (
    SELECT d.*, c.completed_at, c.expires_at, c.statement_id, c.first_completed_at,
        c.completed_at IS NOT NULL AS has_completion,
        coalesce(c.expires_at < $as_of, false) AS ran_out,
        EXISTS (
            SELECT 1 FROM exempted AS e
            WHERE e.employee_id = d.employee_id AND e.requirement = d.code
        )
        -- Who is exempt from every item of a curriculum is from the curriculum.
        OR (d.satisfied_by = 'items' AND NOT EXISTS (
            SELECT 1 FROM curriculum_items AS i
            WHERE i.employee_id = d.employee_id AND i.code = d.code
        )) AS exempt,
        coalesce(t.statements, 0) AS statements
    FROM duties AS d
    LEFT JOIN completions AS c USING (code, employee_id)
    LEFT JOIN tried AS t USING (code, employee_id)
),

judged AS (
    SELECT *, CASE WHEN ran_out THEN expires_at ELSE due_date END AS last_good_day,
        last_good_day + grace_days AS grace_ends
    FROM facts
),

-- Each leave that begins up to the day after what is reached so far gives as many days
-- after its last one.
timed AS (
    SELECT *,
        CASE WHEN leaves IS NULL THEN grace_ends ELSE list_reduce(
            list_prepend({'from_day': grace_ends, 'to_day': grace_ends}, leaves),
            lambda reached, leave: {
                'from_day': reached.from_day,
                'to_day': CASE
                    WHEN leave.from_day <= reached.to_day + 1
                    THEN greatest(reached.to_day, leave.to_day + return_grace_days)
                    ELSE reached.to_day END
            }
        ).to_day END AS grace_until
    FROM judged
)

SELECT
    employee_id, org_unit_id, location_id, job_code, job_title, manager_id,
    worker_type, hire_date, code, version, title, entered, base, counts_from, due_date,
    grace_days, first_completed_at, completed_at, expires_at, statement_id,
    last_good_day, grace_until, statements,
    CASE
        WHEN exempt THEN 'EXEMPT'
        WHEN employment_status = 'leave' THEN 'ON_LEAVE'
        WHEN has_completion AND NOT ran_out THEN
            CASE WHEN expires_at - $as_of <= 90 THEN 'EXPIRING' ELSE 'COMPLIANT' END
        WHEN last_good_day < $as_of AND $as_of <= grace_until THEN 'GRACE'
        WHEN ran_out THEN 'EXPIRED'
        WHEN $as_of > grace_until THEN 'OVERDUE'
        WHEN statements > 0 THEN 'IN_PROGRESS'
        ELSE 'NOT_STARTED'
    END AS status,
    status IN ('COMPLIANT', 'EXPIRING') AS good,
    status NOT IN ('EXEMPT', 'ON_LEAVE') AS applicable,
    due_date < $as_of AS was_due,
    coalesce(first_completed_at <= due_date, false) AS on_time
FROM timed
