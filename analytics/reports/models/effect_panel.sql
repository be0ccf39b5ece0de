-- purpose: performance figures around a roll-out, with the arm each person is in
-- grain:   one row per person and month
-- reads:   known_facts, hr, kpi, survivors, scope
--
-- Arms are by unit, as of the roll-out and not by who finished: a unit is trained when
-- at least half of its measured people completed the course in the 60 days around its
-- first wave. People are counted in the unit they were in at the roll-out.
WITH told AS (
    SELECT * FROM kpi
    WHERE recorded_at <= $known_at AND metric = $metric AND period_start <= $as_of
    QUALIFY row_number() OVER (
        PARTITION BY employee_id, period_start ORDER BY recorded_at DESC
    ) = 1
),

-- Of a person merged from several employee_ids their own figure counts, else the latest.
figures AS (
    SELECT k.* REPLACE (coalesce(s.survivor_id, k.employee_id) AS employee_id)
    FROM told AS k
    LEFT JOIN survivors AS s USING (employee_id)
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(s.survivor_id, k.employee_id), k.period_start
        ORDER BY s.survivor_id IS NULL DESC, k.recorded_at DESC, k.employee_id
    ) = 1
),

done AS (
    SELECT person_id AS employee_id, min(local_date) AS done_on
    FROM known_facts
    WHERE activity_id = $activity
        AND (verb = 'http://adlnet.gov/expapi/verbs/completed'
            OR verb = 'http://adlnet.gov/expapi/verbs/passed')
    GROUP BY person_id
),

rollout AS (
    -- The month in which most people finished first: the roll-out, not a pioneer.
    SELECT date_trunc('month', done_on)::DATE AS month
    FROM done GROUP BY ALL ORDER BY count(*) DESC, month LIMIT 1
),

at_rollout AS (
    SELECT h.employee_id, h.org_unit_id AS unit_id
    FROM hr AS h, rollout AS o
    WHERE o.month BETWEEN h.from_day AND h.to_day
        AND h.employee_id IN (SELECT employee_id FROM figures)
),

arms AS (
    SELECT a.unit_id,
        count(*) FILTER (d.done_on BETWEEN o.month - 30 AND o.month + 60) * 2 >= count(*)
            AS treated
    FROM at_rollout AS a CROSS JOIN rollout AS o
    LEFT JOIN done AS d USING (employee_id)
    GROUP BY a.unit_id
)

SELECT
    f.employee_id AS person_id,
    f.period_start AS month,
    a.unit_id,
    r.treated,
    f.period_start > o.month AS post,
    f.value,
    o.month AS rollout
FROM figures AS f
JOIN at_rollout AS a USING (employee_id)
JOIN arms AS r USING (unit_id)
JOIN scope AS s ON s.unit_id = a.unit_id
CROSS JOIN rollout AS o
WHERE f.period_start <> o.month  -- the month of the roll-out is half before, half after

