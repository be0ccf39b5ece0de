-- purpose: which units of this call appeared, went or moved from one of its days to the next
-- grain:   one row per day and unit that did since the day before it
-- reads:   present_at, unit_edges, unit_closure
--
-- A unit is there on a day when somebody is employed in it or below it.
WITH points AS (SELECT unnest($points[2:]) AS day, unnest($points[:-2]) AS since),

peopled AS (SELECT DISTINCT day, org_unit_id FROM present_at WHERE employed),

there AS (
    SELECT DISTINCT p.day, c.ancestor_id AS unit_id
    FROM peopled AS p
    JOIN unit_closure AS c
        ON c.unit_id = p.org_unit_id AND p.day BETWEEN c.from_day AND c.to_day
),

inside AS (
    SELECT t.day, t.unit_id, e.parent_id
    FROM there AS t
    LEFT JOIN unit_edges AS e
        ON e.unit_id = t.unit_id AND t.day BETWEEN e.from_day AND e.to_day
    WHERE ($unit IS NULL OR EXISTS (
            SELECT 1 FROM unit_closure AS a
            WHERE a.unit_id = t.unit_id AND a.ancestor_id = $unit
                AND t.day BETWEEN a.from_day AND a.to_day
        ))
        AND ($scope_unit IS NULL OR EXISTS (
            SELECT 1 FROM unit_closure AS s
            WHERE s.unit_id = t.unit_id AND s.ancestor_id = $scope_unit
                AND t.day BETWEEN s.from_day AND s.to_day
        ))
),

at_day AS (SELECT i.* FROM inside AS i JOIN points USING (day)),

before AS (
    SELECT p.day, i.unit_id, i.parent_id
    FROM points AS p
    JOIN inside AS i ON i.day = p.since
)

SELECT coalesce(a.day, b.day) AS day,
    coalesce(a.unit_id, b.unit_id) AS unit_id,
    CASE
        WHEN b.unit_id IS NULL THEN 'appeared'
        WHEN a.unit_id IS NULL THEN 'went'
        ELSE 'moved'
    END AS change,
    b.parent_id AS from_parent_id,
    a.parent_id AS to_parent_id
FROM at_day AS a
FULL JOIN before AS b ON b.day = a.day AND b.unit_id = a.unit_id
WHERE a.unit_id IS NULL OR b.unit_id IS NULL
    OR a.parent_id IS DISTINCT FROM b.parent_id
