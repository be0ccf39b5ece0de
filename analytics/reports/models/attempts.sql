-- purpose: the Statements that bear on a duty, and which half of it each one is
-- grain:   one row per duty and Statement
-- reads:   duties, known_facts
WITH asked AS (
    SELECT code, employee_id, counts_from, min_score, unnest(activities) AS activity_id
    FROM duties
)

SELECT
    a.code,
    a.employee_id,
    f.activity_id,
    f.statement_id,
    f.timestamp,
    f.stored,
    f.local_date,
    f.verb,
    f.success,
    f.completion,
    f.score_scaled,
    a.min_score IS NULL OR coalesce(f.score_scaled >= a.min_score, false) AS scored,
    scored AND (
        f.verb = 'http://adlnet.gov/expapi/verbs/completed'
        OR coalesce(f.completion, false)
    ) AS completes,
    scored AND (
        f.verb = 'http://adlnet.gov/expapi/verbs/passed' OR coalesce(f.success, false)
    ) AS passes
FROM asked AS a
JOIN known_facts AS f
    ON f.person_id = a.employee_id
    AND f.activity_id = a.activity_id
    AND f.local_date >= a.counts_from
