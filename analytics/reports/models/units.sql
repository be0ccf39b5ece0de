-- purpose: the units as of $as_of, each with its name and parent
-- grain:   one row per unit
-- reads:   unit_edges, unit_closure
SELECT
    c.unit_id,
    coalesce(e.name, c.unit_id) AS unit_name,
    e.parent_id,
    max(c.depth) AS depth
FROM unit_closure AS c
LEFT JOIN unit_edges AS e
    ON e.unit_id = c.unit_id AND $as_of BETWEEN e.from_day AND e.to_day
WHERE $as_of BETWEEN c.from_day AND c.to_day
GROUP BY ALL
