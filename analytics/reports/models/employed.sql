-- purpose: on which days a person was employed under which hire_date
-- grain:   one row per employee_id, hire_date and stretch of days between two rows' effects
-- reads:   hr_rows
--
-- From hire_date through termination_date, whatever a terminated row's effective_date
-- says. Where rows of a person disagree: the last row in effect of a hire_date speaks
-- for that employment; an end stated by a later row ends it too; one without an end is
-- over when a row with another hire_date takes effect; a terminated row without a
-- termination_date ends it the day before that row.
WITH numbered AS (
    SELECT employee_id, hire_date, from_day, to_day,
        CASE WHEN termination_date IS NULL AND status = 'terminated'
            THEN from_day - 1 ELSE termination_date END AS last_day,
        row_number() OVER (PARTITION BY employee_id ORDER BY effective_date) AS n
    FROM hr_rows
),

-- The days between two rows' effects, with those before the first.
steps AS (
    SELECT employee_id, n, from_day, to_day FROM numbered
    UNION ALL
    SELECT employee_id, 0, DATE '0001-01-01', from_day - 1 FROM numbered WHERE n = 1
),

hires AS (SELECT DISTINCT employee_id, hire_date FROM numbered),

speaking AS (
    SELECT h.employee_id, h.hire_date, s.n, s.from_day, s.to_day,
        max(r.n) FILTER (r.n <= s.n) AS in_effect,
        coalesce(in_effect, min(r.n)) AS speaks
    FROM hires AS h
    JOIN steps AS s USING (employee_id)
    JOIN numbered AS r ON r.employee_id = h.employee_id AND r.hire_date = h.hire_date
    GROUP BY ALL
),

ended AS (
    SELECT k.employee_id, k.hire_date, k.n, k.from_day, k.to_day,
        w.last_day,
        min(o.last_day) FILTER (
            o.n > coalesce(k.in_effect, 0) AND o.last_day >= k.hire_date
        ) AS ended_later,
        coalesce(bool_or(o.n > k.speaks AND o.n <= k.n) FILTER (
            k.in_effect IS NOT NULL
        ), false) AS replaced
    FROM speaking AS k
    JOIN numbered AS w ON w.employee_id = k.employee_id AND w.n = k.speaks
    JOIN numbered AS o ON o.employee_id = k.employee_id
    GROUP BY ALL
)

SELECT * FROM (
    SELECT employee_id, hire_date,
        greatest(from_day, hire_date) AS from_day,
        least(to_day, coalesce(last_day, to_day), coalesce(ended_later, to_day)) AS to_day
    FROM ended
    WHERE NOT (replaced AND last_day IS NULL)
)
WHERE from_day <= to_day
