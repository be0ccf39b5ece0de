-- purpose: the HR rows as known at $known_at, each with the days it is in force
-- grain:   one row per employee_id and effective date
-- reads:   workforce
WITH latest AS (
    SELECT * FROM workforce
    WHERE recorded_at <= $known_at
    QUALIFY row_number() OVER (
        PARTITION BY employee_id, effective_date ORDER BY recorded_at DESC
    ) = 1
)

SELECT
    * EXCLUDE (retracted),
    effective_date AS from_day,
    coalesce(
        lead(effective_date) OVER (PARTITION BY employee_id ORDER BY effective_date) - 1,
        DATE '9999-12-31'
    ) AS to_day
FROM latest
WHERE retracted IS NOT true
