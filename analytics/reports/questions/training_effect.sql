-- purpose: What is the effect of a course on a performance figure, under named assumptions?
-- grain:   one row per person and month (the report gives the estimate made from them)
-- reads:   effect_panel
SELECT * FROM effect_panel ORDER BY person_id, month
