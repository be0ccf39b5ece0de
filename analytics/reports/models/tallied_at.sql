-- purpose: how many pairs of each status everybody has on the days of this call
-- grain:   one row per day and person with a requirement that applies to them
-- reads:   tallied
-- as:      view
SELECT $as_of AS day, * FROM tallied
