-- purpose: what was said of a unit for a day: its parent, its name
-- grain:   one row per unit, part, day and stretch of recorded time
-- reads:   versions
--
-- Of several rows for one unit and day the one recorded last speaks (then by
-- employee_id), as in unit_edges; a blank says nothing. What only repeats an earlier
-- day's word, with nothing else said in between at any time, is left out: it decides
-- nothing, and a unit has a row for every change of each of its people.
WITH spoken AS (
    SELECT
        org_unit_id AS unit_id, effective_date AS day, recorded_from, recorded_to,
        arg_max(org_parent_id, employee_id) AS parent_id,
        max(employee_id) FILTER (org_parent_id IS NOT NULL) AS parent_by,
        arg_max(org_unit_name, employee_id) AS name,
        max(employee_id) FILTER (org_unit_name IS NOT NULL) AS name_by
    FROM versions
    WHERE org_unit_id IS NOT NULL
    GROUP BY org_unit_id, effective_date, recorded_from, recorded_to
),

parts AS (
    SELECT unit_id, 'parent' AS part, day, recorded_from, recorded_to,
        parent_id AS said, parent_by AS by_whom
    FROM spoken WHERE parent_id IS NOT NULL
    UNION ALL
    SELECT unit_id, 'name', day, recorded_from, recorded_to, name, name_by
    FROM spoken WHERE name IS NOT NULL
),

turns AS (
    SELECT unit_id, part, day, recorded_from AS turned_at FROM parts
    UNION
    SELECT unit_id, part, day, recorded_to FROM parts
    WHERE recorded_to < TIMESTAMPTZ '9999-12-31 00:00:00+00'
),

decided AS (
    SELECT t.unit_id, t.part, t.day, t.turned_at,
        arg_max(p.said, (p.recorded_from, p.by_whom)) AS said
    FROM turns AS t
    LEFT JOIN parts AS p
        ON p.unit_id = t.unit_id AND p.part = t.part AND p.day = t.day
        AND p.recorded_from <= t.turned_at AND t.turned_at < p.recorded_to
    GROUP BY t.unit_id, t.part, t.day, t.turned_at
),

turned AS (
    SELECT * FROM decided
    QUALIFY said IS DISTINCT FROM lag(said) OVER (
        PARTITION BY unit_id, part, day ORDER BY turned_at
    )
),

lasting AS (
    SELECT unit_id, part, day, said, turned_at AS recorded_from,
        lead(turned_at, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
            PARTITION BY unit_id, part, day ORDER BY turned_at
        ) AS recorded_to
    FROM turned
),

-- A day of which two things were ever said stands alone.
days AS (
    SELECT unit_id, part, day,
        CASE WHEN min(said) = max(said) THEN min(said) END AS only_said
    FROM lasting
    WHERE said IS NOT NULL
    GROUP BY unit_id, part, day
),

agreeing AS (
    SELECT unit_id, part, day,
        count_if(new) OVER (PARTITION BY unit_id, part ORDER BY day) AS stretch
    FROM (
        SELECT *, coalesce(only_said <> lag(only_said) OVER (
            PARTITION BY unit_id, part ORDER BY day
        ), true) AS new
        FROM days
    )
)

SELECT l.unit_id, l.part, l.day, l.said, l.recorded_from, l.recorded_to
FROM lasting AS l
JOIN agreeing AS a USING (unit_id, part, day)
WHERE l.said IS NOT NULL
QUALIFY coalesce(
    min(CASE WHEN l.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
        THEN l.recorded_from END
    ) OVER (
        PARTITION BY l.unit_id, l.part, a.stretch ORDER BY l.day, l.recorded_from
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) > l.recorded_from,
    true
)
