-- purpose: Which Statements stand behind the evidence, and which voided some of them?
-- grain:   one row per Statement, in stored order
-- reads:   status, duties, latest_facts, voids
--
-- The evidence, and what would have been evidence had it not been voided, as known at
-- $known_at; and the Statements that voided these.
WITH asked AS (
    SELECT d.employee_id, d.code, d.counts_from, unnest(d.activities) AS activity_id
    FROM status AS s
    JOIN duties AS d ON d.employee_id = s.employee_id AND d.code = s.code
),

latest AS (
    SELECT statement_id, person_id, activity_id, local_date, stored FROM latest_facts
    WHERE activity_id IN (SELECT activity_id FROM asked)
),

behind AS (
    SELECT f.statement_id, f.stored, f.person_id,
        list(DISTINCT a.code ORDER BY a.code) AS requirements
    FROM latest AS f
    JOIN asked AS a
        ON a.employee_id = f.person_id AND a.activity_id = f.activity_id
        AND f.local_date BETWEEN a.counts_from AND $as_of
    GROUP BY f.statement_id, f.stored, f.person_id
),

voiding AS (
    SELECT v.statement_id, v.voided_by, min(v.recorded_at) AS stored
    FROM voids AS v
    WHERE v.recorded_at <= $known_at
        AND v.statement_id IN (SELECT statement_id FROM behind)
    GROUP BY v.statement_id, v.voided_by
),

voiders AS (
    SELECT statement_id, person_id FROM latest_facts
    WHERE statement_id IN (SELECT voided_by FROM voiding)
),

parts AS (
    SELECT statement_id, stored, person_id, requirements,
        NULL AS voided_by, NULL AS voids
    FROM behind
    UNION ALL
    SELECT statement_id, NULL, NULL, NULL, voided_by, NULL FROM voiding
    UNION ALL
    SELECT v.voided_by, v.stored, b.person_id, NULL, NULL, v.statement_id
    FROM voiding AS v
    LEFT JOIN voiders AS b ON b.statement_id = v.voided_by
)

SELECT statement_id,
    max(stored) AS stored,
    max(person_id) AS person_id,
    coalesce(max(requirements), []) AS requirements,
    coalesce(list(voided_by ORDER BY voided_by) FILTER (voided_by IS NOT NULL), [])
        AS voided_by,
    coalesce(list(voids ORDER BY voids) FILTER (voids IS NOT NULL), []) AS voids
FROM parts
GROUP BY statement_id
ORDER BY stored, statement_id
