-- purpose: what was said of a unit for a day: its parent, its name
-- grain:   one row per unit, part, day and stretch of recorded time
-- reads:   versions
--
-- Of several rows for one unit and day the one recorded last speaks (then the greater
-- text), as in unit_edges; a blank says nothing. What only repeats an earlier
-- day's word, with nothing else said in between at any time, is left out: it decides
-- nothing, and a unit has a row for every change of each of its people. Of most units
-- one thing only was ever said: it holds from ever, whatever the day.
WITH spoken AS (
    SELECT DISTINCT unit_id, 'parent' AS part, day, recorded_from, recorded_to,
        org_parent_id AS said
    FROM versions WHERE org_parent_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT unit_id, 'name', day, recorded_from, recorded_to, org_unit_name
    FROM versions WHERE org_unit_name IS NOT NULL
),

agreed AS (
    SELECT unit_id, part FROM spoken
    GROUP BY unit_id, part
    HAVING min(said) = max(said)
),

disputed AS (SELECT * FROM spoken ANTI JOIN agreed USING (unit_id, part)),

-- A day of which two things were ever said stands alone.
days AS (
    SELECT unit_id, part, day,
        CASE WHEN min(said) = max(said) THEN min(said) END AS only_said
    FROM disputed
    GROUP BY unit_id, part, day
),

-- Where one thing only was said, of the unit or of the day: as long as anybody says so.
repeated AS (
    SELECT DISTINCT unit_id, part, DATE '0001-01-01' AS day, said,
        recorded_from, recorded_to
    FROM spoken SEMI JOIN agreed USING (unit_id, part)
    UNION
    SELECT s.unit_id, s.part, s.day, s.said, s.recorded_from, s.recorded_to
    FROM disputed AS s
    JOIN days AS d USING (unit_id, part, day)
    WHERE d.only_said IS NOT NULL
),

lasting_repeated AS (
    SELECT unit_id, part, day, said,
        min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
    FROM (
        SELECT *, count_if(new) OVER one AS n
        FROM (
            SELECT *, coalesce(recorded_from > max(recorded_to) OVER (
                PARTITION BY unit_id, part, day ORDER BY recorded_from, recorded_to
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), true) AS new
            FROM repeated
        )
        WINDOW one AS (
            PARTITION BY unit_id, part, day ORDER BY recorded_from, recorded_to
        )
    )
    GROUP BY unit_id, part, day, said, n
),

mixed AS (
    SELECT s.*
    FROM disputed AS s
    JOIN days AS d USING (unit_id, part, day)
    WHERE d.only_said IS NULL
),

turns AS (
    SELECT unit_id, part, day, recorded_from AS turned_at FROM mixed
    UNION
    SELECT unit_id, part, day, recorded_to FROM mixed
    WHERE recorded_to < TIMESTAMPTZ '9999-12-31 00:00:00+00'
),

decided AS (
    SELECT t.unit_id, t.part, t.day, t.turned_at,
        arg_max(p.said, (p.recorded_from, p.said)) AS said
    FROM turns AS t
    LEFT JOIN mixed AS p
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
    SELECT * FROM lasting_repeated
    UNION ALL BY NAME
    SELECT unit_id, part, day, said, turned_at AS recorded_from,
        lead(turned_at, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
            PARTITION BY unit_id, part, day ORDER BY turned_at
        ) AS recorded_to
    FROM turned
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
LEFT JOIN agreeing AS a USING (unit_id, part, day)
WHERE l.said IS NOT NULL
QUALIFY a.stretch IS NULL OR coalesce(
    min(CASE WHEN l.recorded_to = TIMESTAMPTZ '9999-12-31 00:00:00+00'
        THEN l.recorded_from END
    ) OVER (
        PARTITION BY l.unit_id, l.part, a.stretch ORDER BY l.day, l.recorded_from
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) > l.recorded_from,
    true
)
