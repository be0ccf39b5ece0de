-- purpose: a unit with everything above it, from day to day
-- grain:   one row per unit, unit above it (or itself) and stretch of days
-- reads:   unit_edges
WITH RECURSIVE closure AS (
    SELECT unit_id, unit_id AS ancestor_id, 0 AS depth,
        [unit_id] AS path, DATE '0001-01-01' AS from_day, DATE '9999-12-31' AS to_day
    FROM (
        SELECT unit_id FROM unit_edges
        UNION SELECT parent_id FROM unit_edges WHERE parent_id IS NOT NULL
    )
    UNION ALL
    SELECT c.unit_id, e.parent_id, c.depth + 1,
        list_append(c.path, e.parent_id),
        greatest(c.from_day, e.from_day), least(c.to_day, e.to_day)
    FROM closure AS c
    JOIN unit_edges AS e
        ON e.unit_id = c.ancestor_id
        AND e.parent_id IS NOT NULL
        AND greatest(c.from_day, e.from_day) <= least(c.to_day, e.to_day)
    WHERE NOT list_contains(c.path, e.parent_id)  -- a circle ends where it began
)

SELECT * EXCLUDE (path) FROM closure
