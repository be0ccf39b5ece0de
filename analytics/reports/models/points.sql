-- purpose: the days of a report that is asked month by month, each with the one before
-- grain:   one row per day asked for: all of $points but the first
-- reads:
SELECT unnest($points[2:]) AS day, unnest($points[:-2]) AS since
