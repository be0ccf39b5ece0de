-- purpose: the Statements that bear on a duty, and which half of it each one is
-- grain:   one row per duty, item of it (a curriculum has several) and Statement
-- reads:   duties, curriculum_items, asked, known_facts
WITH sought AS (
    SELECT employee_id, code, code AS item, counts_from
    FROM duties
    WHERE satisfied_by <> 'items' AND ($requirement IS NULL OR code = $requirement)
    UNION ALL
    SELECT employee_id, code, item, counts_from FROM curriculum_items
    WHERE $requirement IS NULL OR code = $requirement
),

activities AS (
    SELECT DISTINCT code, item, activity_id, satisfied_by, min_score FROM asked
),

wanted AS (
    SELECT s.employee_id, s.code, s.item, s.counts_from,
        a.activity_id, a.satisfied_by, a.min_score
    FROM sought AS s
    JOIN activities AS a USING (code, item)
)

SELECT
    w.code,
    w.item,
    w.employee_id,
    f.activity_id,
    f.statement_id,
    f.timestamp,
    f.stored,
    f.local_date,
    f.verb,
    f.success,
    f.completion,
    f.score_scaled,
    w.min_score IS NULL OR coalesce(f.score_scaled >= w.min_score, false) AS scored,
    scored AND (
        f.verb = 'http://adlnet.gov/expapi/verbs/completed'
        OR coalesce(f.completion, false)
    ) AS completes,
    scored AND (
        f.verb = 'http://adlnet.gov/expapi/verbs/passed' OR coalesce(f.success, false)
    ) AS passes,
    CASE w.satisfied_by
        WHEN 'completed' THEN completes
        WHEN 'passed' THEN passes
        WHEN 'satisfied' THEN f.verb = 'https://w3id.org/xapi/adl/verbs/satisfied'
        ELSE completes OR passes
    END AS counts
FROM wanted AS w
JOIN known_facts AS f
    ON f.person_id = w.employee_id
    AND f.activity_id = w.activity_id
    AND f.local_date >= w.counts_from
