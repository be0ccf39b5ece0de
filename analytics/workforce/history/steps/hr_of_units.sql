-- purpose: every unit as known at every moment, as rows that unit_edges reads as hr_rows
-- grain:   one row per moment and word said of the unit
-- reads:   unit_moments, unit_said, unit_known
--
-- As in workforce.sql a moment stands in the place of the unit, so that the rule of
-- unit_edges answers for all moments at once. A unit of which nothing is said stands
-- there all the same, from ever.
SELECT
    m.moment AS org_unit_id,
    s.day AS effective_date,
    CASE WHEN s.part = 'parent' THEN s.said END AS org_parent_id,
    CASE WHEN s.part = 'name' THEN s.said END AS org_unit_name,
    m.recorded_from AS recorded_at
FROM unit_moments AS m
JOIN (
    SELECT * FROM unit_said
    UNION ALL BY NAME
    SELECT *, DATE '0001-01-01' AS day, 'known' AS part FROM unit_known
) AS s
    ON s.unit_id = m.unit_id
    AND s.recorded_from <= m.recorded_from AND m.recorded_from < s.recorded_to
