-- purpose: in which units people had a row in force on the days of this call
-- grain:   one row per day and person
-- reads:   present, present_before
-- as:      view
SELECT $as_of AS day, org_unit_id, employed FROM present
UNION ALL
SELECT $since AS day, org_unit_id, employed FROM present_before
