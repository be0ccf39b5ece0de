-- Purpose: under which units a unit stood on which days, as it was known at each time;
--          and of which units something recorded after $after says something new.
-- Reads:   closure    the history's org_unit_closure
-- Makes:   unit_paths    one row per unit, stretch of days and stretch of recorded time
--                        with one path: the units from the top down to itself
--          changed_units one row per unit of which a path is new, and from which day on
CREATE TEMP TABLE unit_paths AS
WITH known AS (
    SELECT * REPLACE (
        CASE WHEN recorded_to > getvariable('through') THEN TIMESTAMPTZ 'infinity'
            ELSE recorded_to END AS recorded_to
    )
    FROM closure
    WHERE recorded_from <= getvariable('through')
),

days AS (
    SELECT unit_id, day AS from_day,
        lead(day) OVER (PARTITION BY unit_id ORDER BY day) AS until_day
    FROM (
        SELECT unit_id, valid_from AS day FROM known
        UNION
        SELECT unit_id, valid_to FROM known
    )
),

moments AS (
    SELECT unit_id, recorded_from AS moment FROM known
    UNION
    SELECT unit_id, recorded_to FROM known WHERE recorded_to < TIMESTAMPTZ 'infinity'
),

cells AS (
    SELECT k.unit_id, d.from_day, d.until_day, m.moment,
        list(k.ancestor_id ORDER BY k.depth DESC) AS path
    FROM known AS k
    JOIN days AS d
        ON d.unit_id = k.unit_id AND k.valid_from <= d.from_day AND d.from_day < k.valid_to
    JOIN moments AS m
        ON m.unit_id = k.unit_id
        AND k.recorded_from <= m.moment AND m.moment < k.recorded_to
    GROUP BY ALL
),

changes AS (
    SELECT * FROM cells
    QUALIFY path IS DISTINCT FROM lag(path) OVER (
        PARTITION BY unit_id, from_day ORDER BY moment
    )
)

SELECT unit_id, from_day, until_day, path, moment AS known_from,
    lead(moment) OVER (PARTITION BY unit_id, from_day ORDER BY moment) AS known_until
FROM changes;

CREATE TEMP TABLE changed_units AS
SELECT unit_id, min(from_day) AS from_day
FROM unit_paths
WHERE known_from > getvariable('after')
GROUP BY unit_id;
