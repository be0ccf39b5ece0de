-- purpose: what a requirement asks for, down to its Activities
-- grain:   one row per requirement, item of it, way to do that, part of it and Activity
-- reads:   required
--
-- A curriculum has several items; any other requirement is its own only one. An item is
-- done in any one of its ways, a way with all of its parts, a part by any of its
-- Activities. alone: there is one of each, as with most requirements.
WITH items AS (
    SELECT code, unnest(CASE WHEN len(items) > 0 THEN items ELSE [code] END) AS item,
        len(items) > 0 AS is_curriculum
    FROM required
),

ways AS (
    SELECT code AS item, satisfied_by, min_score, validity_days, recurrence,
        calendar_basis, early_renewal_days,
        len(ways) AS ways, generate_subscripts(ways, 1) AS way, unnest(ways) AS content
    FROM required
),

parts AS (
    SELECT * EXCLUDE (content), len(content) AS parts,
        generate_subscripts(content, 1) AS part, unnest(content) AS activities
    FROM ways
)

SELECT i.code, NOT i.is_curriculum AND p.ways = 1 AND p.parts = 1 AS alone,
    p.* EXCLUDE (ways, activities), unnest(list_distinct(p.activities)) AS activity_id
FROM items AS i
JOIN parts AS p USING (item)
