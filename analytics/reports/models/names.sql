-- purpose: how people are called, as known at $known_at
-- grain:   one row per person
-- reads:   people
WITH latest AS (
    SELECT * FROM people
    WHERE recorded_at <= $known_at
    QUALIFY row_number() OVER (
        PARTITION BY employee_id, effective_date ORDER BY recorded_at DESC
    ) = 1
)

SELECT
    employee_id,
    trim(concat_ws(' ',
        arg_max_null(given_name, (effective_date, recorded_at)),
        arg_max_null(family_name, (effective_date, recorded_at))
    )) AS name
FROM latest
WHERE retracted IS NOT true
GROUP BY employee_id
