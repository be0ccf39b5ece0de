-- purpose: Whose training must still be kept on $as_of, for what, and until when?
-- grain:   one row per person asked about and requirement with retention that holds them
-- reads:   wanted, known_facts, requirements, survivors, employment
--
-- Of all versions of a requirement the longest retention counts, whether or not it ever
-- applied to the person: any Statement on its Activities may be evidence. until is the
-- last day; in the year 9999 there is none.
WITH people AS (
    SELECT DISTINCT coalesce(s.survivor_id, w.employee_id) AS employee_id
    FROM wanted AS w LEFT JOIN survivors AS s USING (employee_id)
),

kept AS (
    SELECT code, retention_years, retention_from, retention_basis,
        unnest(activities) AS activity_id
    FROM requirements
    WHERE retention_years IS NOT NULL
),

trained AS (
    SELECT f.person_id AS employee_id, k.code, k.retention_years, k.retention_from,
        k.retention_basis, max(f.local_date) AS last_day
    FROM known_facts AS f
    JOIN people AS p ON p.employee_id = f.person_id
    JOIN kept AS k USING (activity_id)
    GROUP BY ALL
),

ended AS (
    SELECT employee_id, max(to_day) AS last_day FROM employment GROUP BY employee_id
),

dated AS (
    SELECT t.employee_id, t.code, t.retention_basis,
        CASE WHEN t.retention_years = 'forever' THEN DATE '9999-12-31'
            ELSE least(
                (CASE WHEN t.retention_from = 'employment'
                    THEN greatest(t.last_day, e.last_day) ELSE t.last_day END
                    + to_years(try_cast(t.retention_years AS INTEGER)))::DATE,
                DATE '9999-12-31'
            ) END AS until
    FROM trained AS t
    LEFT JOIN ended AS e USING (employee_id)
)

SELECT employee_id, code AS requirement, max(until) AS until,
    arg_max(retention_basis, until) AS retention_basis
FROM dated
WHERE until >= $as_of
GROUP BY employee_id, code
ORDER BY employee_id, requirement
