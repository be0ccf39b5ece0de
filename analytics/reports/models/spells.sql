-- purpose: when a person was employed: from hire_date through termination_date
-- grain:   one row per person and hire date
-- reads:   hr
SELECT
    employee_id,
    hire_date AS from_day,
    -- The newest row of the spell knows its end, whatever its own effective date.
    coalesce(
        arg_max_null(termination_date, effective_date), DATE '9999-12-31'
    ) AS to_day
FROM hr
GROUP BY employee_id, hire_date
