-- purpose: a unit with everything above it
-- grain:   one row per unit, unit above it (or itself, depth 0), days and recorded time
-- reads:   unit_states
--
-- The walk of unit_closure, in both times. A circle ends where it began.
WITH RECURSIVE mentioned AS (
    SELECT unit_id, recorded_from, recorded_to FROM unit_states
    UNION
    SELECT parent_id, recorded_from, recorded_to FROM unit_states
    WHERE parent_id IS NOT NULL
),

known AS (
    SELECT unit_id, min(recorded_from) AS recorded_from,
        max(recorded_to) AS recorded_to
    FROM (
        SELECT *, count_if(new) OVER (
            PARTITION BY unit_id ORDER BY recorded_from, recorded_to
        ) AS n
        FROM (
            SELECT *, coalesce(recorded_from > max(recorded_to) OVER (
                PARTITION BY unit_id ORDER BY recorded_from, recorded_to
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), true) AS new
            FROM mentioned
        )
    )
    GROUP BY unit_id, n
),

closure AS (
    SELECT unit_id, unit_id AS ancestor_id, 0 AS depth, [unit_id] AS path,
        DATE '1900-01-01' AS valid_from, DATE '9999-12-31' AS valid_to,
        recorded_from, recorded_to
    FROM known
    UNION ALL
    SELECT c.unit_id, e.parent_id, c.depth + 1, list_append(c.path, e.parent_id),
        greatest(c.valid_from, e.valid_from), least(c.valid_to, e.valid_to),
        greatest(c.recorded_from, e.recorded_from),
        least(c.recorded_to, e.recorded_to)
    FROM closure AS c
    JOIN unit_states AS e
        ON e.unit_id = c.ancestor_id
        AND e.parent_id IS NOT NULL
        AND e.valid_from < c.valid_to AND c.valid_from < e.valid_to
        AND e.recorded_from < c.recorded_to AND c.recorded_from < e.recorded_to
    WHERE NOT list_contains(c.path, e.parent_id)
)

SELECT unit_id, ancestor_id, depth, valid_from, valid_to, recorded_from, recorded_to
FROM closure
