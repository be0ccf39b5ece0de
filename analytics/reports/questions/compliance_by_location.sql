-- purpose: How do the people of each location stand?
-- grain:   one row per location; the last one is of those without any
-- reads:   tallies, rates
WITH grouped AS (SELECT location_id AS group_id, * FROM tallies)

SELECT group_id AS location_id, * EXCLUDE (group_id)
FROM rates('grouped')
ORDER BY location_id NULLS LAST
