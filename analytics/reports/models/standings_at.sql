-- purpose: the standings of the days of this call
-- grain:   one row per day, person and applicable requirement
-- reads:   standings
-- as:      view
SELECT $as_of AS day, * FROM standings
