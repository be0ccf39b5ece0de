-- purpose: How does each unit stand, with everything below it?
-- grain:   one row per unit; its people are the union of those below
-- reads:   tallies, units, unit_closure, scope, rates
WITH rolled AS (
    SELECT c.ancestor_id AS group_id, t.*
    FROM tallies AS t
    JOIN unit_closure AS c
        ON c.unit_id = t.org_unit_id AND $as_of BETWEEN c.from_day AND c.to_day
)

SELECT
    u.unit_id,
    u.unit_name,
    u.parent_id,
    u.depth - min(u.depth) OVER () AS level,
    EXISTS (SELECT 1 FROM units AS b WHERE b.parent_id = u.unit_id) AS has_children,
    r.* EXCLUDE (group_id)
FROM units AS u
JOIN scope USING (unit_id)
JOIN rates('rolled') AS r ON r.group_id = u.unit_id
ORDER BY u.depth, u.unit_id
