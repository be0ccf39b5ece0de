-- purpose: how people are called, as known at $known_at
-- grain:   one row per person
-- reads:   people, survivors
--
-- Who was merged from several employee_ids is called as in the rows of their own; where
-- there are none, as in the latest of the others, of two as late in that of the greater
-- employee_id.
WITH latest AS (
    SELECT * FROM people
    WHERE recorded_at <= $known_at
    QUALIFY row_number() OVER (
        PARTITION BY employee_id, effective_date ORDER BY recorded_at DESC
    ) = 1
)

SELECT
    coalesce(s.survivor_id, l.employee_id) AS employee_id,
    trim(concat_ws(' ',
        arg_max_null(given_name,
            (s.survivor_id IS NULL, effective_date, recorded_at, l.employee_id)),
        arg_max_null(family_name,
            (s.survivor_id IS NULL, effective_date, recorded_at, l.employee_id))
    )) AS name
FROM latest AS l
LEFT JOIN survivors AS s USING (employee_id)
WHERE retracted IS NOT true
GROUP BY ALL
