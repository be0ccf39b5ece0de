-- purpose: the units this call may see: below $unit and below $scope_unit
-- grain:   one row per unit
-- reads:   unit_closure
--
-- $scope_unit is what the caller may see at all, $unit what they ask for.
SELECT DISTINCT c.unit_id
FROM unit_closure AS c
WHERE $as_of BETWEEN c.from_day AND c.to_day
    AND ($unit IS NULL OR c.ancestor_id = $unit)
    AND ($scope_unit IS NULL OR EXISTS (
        SELECT 1 FROM unit_closure AS s
        WHERE s.unit_id = c.unit_id AND s.ancestor_id = $scope_unit
            AND $as_of BETWEEN s.from_day AND s.to_day
    ))
