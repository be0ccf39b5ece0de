-- purpose: How did a figure move, month by month, where a course was rolled out and where not?
-- grain:   one row per person and month (the report gives the mean of each group)
-- reads:   effect_panel
SELECT * FROM effect_panel ORDER BY person_id, month
