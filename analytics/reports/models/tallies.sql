-- purpose: how many pairs of each status a person has
-- grain:   one row per person with a requirement that applies to them
-- reads:   status, tally
SELECT * FROM tally('status')
