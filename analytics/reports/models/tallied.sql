-- purpose: how many pairs of each status everybody has
-- grain:   one row per person with a requirement that applies to them
-- reads:   standings, tally
SELECT * FROM tally('standings')
