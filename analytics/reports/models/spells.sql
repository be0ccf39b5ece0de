-- purpose: the HR rows as known at $known_at, each with the days it is in force
-- grain:   one row per employee_id and effective date
-- reads:   workforce, survivors
--
-- person_id is who the employee_id is: themselves, or whom they were merged into.
WITH latest AS (
    SELECT * FROM workforce
    WHERE recorded_at <= $known_at
    QUALIFY row_number() OVER (
        PARTITION BY employee_id, effective_date ORDER BY recorded_at DESC
    ) = 1
)

SELECT
    l.* EXCLUDE (retracted),
    coalesce(s.survivor_id, l.employee_id) AS person_id,
    l.effective_date AS from_day,
    coalesce(
        lead(l.effective_date) OVER (
            PARTITION BY l.employee_id ORDER BY l.effective_date
        ) - 1,
        DATE '9999-12-31'
    ) AS to_day
FROM latest AS l
LEFT JOIN survivors AS s USING (employee_id)
WHERE l.retracted IS NOT true
