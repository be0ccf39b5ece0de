-- purpose: Which units were there, and under which unit did each stand?
-- grain:   one row per unit and stretch of days
-- reads:   unit_edges
--
-- Of the whole company: audiences name units, and who is below them follows from this.
SELECT unit_id, name, parent_id, from_day, to_day
FROM unit_edges
ORDER BY unit_id, from_day
