-- purpose: how people are called, as known at $known_at
-- grain:   one row per person
-- reads:   people
SELECT
    employee_id,
    trim(concat_ws(' ',
        arg_max_null(given_name, (effective_date, recorded_at)),
        arg_max_null(family_name, (effective_date, recorded_at))
    )) AS name
FROM people
WHERE recorded_at <= $known_at
GROUP BY employee_id
