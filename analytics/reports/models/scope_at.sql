-- purpose: the units this call may see on each of its days: scope, of several days
-- grain:   one row per day and unit
-- reads:   unit_closure
--
-- $points: the days, after the one before the first of them.
WITH points AS (SELECT unnest($points[2:]) AS day)

SELECT DISTINCT p.day, c.unit_id
FROM points AS p
JOIN unit_closure AS c ON p.day BETWEEN c.from_day AND c.to_day
WHERE ($unit IS NULL OR c.ancestor_id = $unit)
    AND ($scope_unit IS NULL OR EXISTS (
        SELECT 1 FROM unit_closure AS s
        WHERE s.unit_id = c.unit_id AND s.ancestor_id = $scope_unit
            AND p.day BETWEEN s.from_day AND s.to_day
    ))
