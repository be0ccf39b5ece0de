-- purpose: the row of each person in force from day to day, as known at $known_at
-- grain:   one row per person and stretch of days
-- reads:   hr_rows, employed, survivors
--
-- Who was merged from several employee_ids has the rows of all of them; while several
-- hold, the primary is: employed before not employed, then employee, contractor,
-- partner, customer, then the later hire_date, then the lower employee_id.
WITH spells AS (
    SELECT r.*, coalesce(s.survivor_id, r.employee_id) AS person_id
    FROM hr_rows AS r LEFT JOIN survivors AS s USING (employee_id)
),

merged AS (
    SELECT s.* FROM spells AS s
    WHERE s.person_id IN (SELECT survivor_id FROM survivors)
),

-- Cut where anything begins or ends, each piece is of one mind.
cuts AS (
    SELECT person_id, from_day AS day FROM merged
    UNION
    SELECT m.person_id, unnest([e.from_day, e.to_day + 1])
    FROM employed AS e
    JOIN (SELECT DISTINCT employee_id, person_id FROM merged) AS m USING (employee_id)
),

pieces AS (
    SELECT person_id, day AS from_day,
        coalesce(
            lead(day) OVER (PARTITION BY person_id ORDER BY day) - 1,
            DATE '9999-12-31'
        ) AS to_day
    FROM cuts
    WHERE day <= DATE '9999-12-31'
),

chosen AS (
    SELECT m.* REPLACE (p.from_day AS from_day, p.to_day AS to_day)
    FROM pieces AS p
    JOIN merged AS m
        ON m.person_id = p.person_id AND p.from_day BETWEEN m.from_day AND m.to_day
    QUALIFY row_number() OVER (
        PARTITION BY p.person_id, p.from_day
        ORDER BY
            EXISTS (
                SELECT 1 FROM employed AS e
                WHERE e.employee_id = m.employee_id
                    AND p.from_day BETWEEN e.from_day AND e.to_day
            ) DESC,
            list_position(
                ['employee', 'contractor', 'partner', 'customer'], m.worker_type
            ),
            m.hire_date DESC,
            m.employee_id
    ) = 1
),

of_everybody AS (
    SELECT * FROM spells
    WHERE person_id NOT IN (SELECT survivor_id FROM survivors)
    UNION ALL
    SELECT * FROM chosen
)

SELECT
    p.* EXCLUDE (person_id, employee_id, manager_id),
    p.person_id AS employee_id,
    p.employee_id AS spell_id,
    coalesce(m.survivor_id, p.manager_id) AS manager_id
FROM of_everybody AS p
LEFT JOIN survivors AS m ON m.employee_id = p.manager_id
