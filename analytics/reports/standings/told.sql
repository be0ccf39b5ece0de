-- purpose: how many Statements stand on everybody's record, from how many stood before
-- grain:   one row per person that has any
-- reads:   all_facts, superseded; former_superseded, former_told
--
-- Each row that was recorded since stands there, unless another of its Statement was
-- recorded later; of such Statements the row that stood before does no longer.
WITH changed AS (
    SELECT employee_id, rows FROM former_told
    UNION ALL
    SELECT f.person_id, 1
    FROM all_facts AS f
    LEFT JOIN superseded AS l ON l.statement_id = f.statement_id
    WHERE f.recorded_at > getvariable('facts_after')
        AND f.recorded_at <= getvariable('facts_through')
        AND f.local_date <= getvariable('as_of')
        AND coalesce(f.recorded_at >= l.recorded_at, true)
    UNION ALL
    SELECT f.person_id, -1
    FROM all_facts AS f
    JOIN superseded AS l
        ON l.statement_id = f.statement_id
        AND l.recorded_at > getvariable('facts_after')
    LEFT JOIN former_superseded AS b ON b.statement_id = f.statement_id
    WHERE f.recorded_at <= getvariable('facts_after')
        AND f.local_date <= getvariable('as_of')
        AND coalesce(f.recorded_at >= b.recorded_at, true)
)

SELECT employee_id, sum(rows)::BIGINT AS rows
FROM changed
WHERE employee_id IS NOT NULL
GROUP BY employee_id
HAVING sum(rows) > 0
ORDER BY employee_id
