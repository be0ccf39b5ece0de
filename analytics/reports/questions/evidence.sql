-- purpose: Which Statements stand behind a person's status?
-- grain:   one row per person, requirement and Statement on its activities
-- reads:   status, attempts, names
--
-- counts: the Statement meets satisfied_by (or a half of it) and min_score; decides: it
-- is the one that the status rests on.
SELECT
    s.employee_id AS person_id,
    n.name,
    s.org_unit_id AS unit_id,
    s.code AS requirement,
    s.version AS requirement_version,
    s.status,
    t.statement_id,
    t.timestamp,
    t.stored,
    t.local_date,
    t.verb,
    t.activity_id,
    t.success,
    t.completion,
    t.score_scaled AS scaled,
    t.counts,
    coalesce(t.statement_id = s.statement_id, false) AS decides
FROM status AS s
JOIN attempts AS t ON t.employee_id = s.employee_id AND t.code = s.code
LEFT JOIN names AS n ON n.employee_id = s.employee_id
ORDER BY person_id, requirement, t.timestamp, t.statement_id
