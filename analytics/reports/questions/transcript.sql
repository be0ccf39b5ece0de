-- purpose: What is on a person's record: every Statement, and who they were then?
-- grain:   one row per Statement whose actor is a known person
-- reads:   latest_facts, voids, asked_people, status, attempts, names
-- counted: transcript_rows
--
-- unit_id is where the person stands on the day asked for, which decides who may see the
-- record; what ends in _then is the context of the Statement's own day, as known at
-- known_at. counts_for: the requirements for which it counts; decides_for: those whose
-- status rests on it; of the requirement asked for, if one is. A voided Statement stays
-- on the record, and counts for nothing.
WITH voided AS (
    SELECT statement_id, min(voided_by) AS voided_by, min(recorded_at) AS voided_at
    FROM voids WHERE recorded_at <= $known_at GROUP BY statement_id
),

counted AS (
    SELECT t.employee_id, t.statement_id,
        list(DISTINCT t.code ORDER BY t.code) AS counts_for,
        list(DISTINCT t.code ORDER BY t.code) FILTER (
            t.statement_id = s.statement_id
        ) AS decides_for
    FROM attempts AS t
    JOIN status AS s ON s.employee_id = t.employee_id AND s.code = t.code
    WHERE t.completes OR t.passes
    GROUP BY t.employee_id, t.statement_id
)

SELECT
    p.employee_id AS person_id,
    n.name,
    p.org_unit_id AS unit_id,
    f.statement_id,
    f.timestamp,
    f.stored,
    f.local_date,
    f.verb,
    f.object_type,
    f.activity_id,
    f.parents,
    f.registration,
    f.success,
    f.completion,
    f.score_scaled AS scaled,
    f.duration,
    coalesce(c.counts_for, []) AS counts_for,
    coalesce(c.decides_for, []) AS decides_for,
    v.voided_by,
    v.voided_at,
    f.org_unit_id AS unit_then,
    f.job_code AS job_code_then,
    f.job_title AS job_title_then,
    f.location_id AS location_then,
    f.manager_id AS manager_then,
    f.worker_type AS worker_type_then,
    f.employment_status AS employment_status_then,
    f.tenure_days AS tenure_days_then,
    f.regulatory_classes AS regulatory_classes_then,
    f.identity_method,
    f.identity_reason,
    f.hr_recorded_at,
    f.recorded_at AS context_recorded_at
FROM asked_people AS p
JOIN latest_facts AS f ON f.person_id = p.employee_id
LEFT JOIN voided AS v ON v.statement_id = f.statement_id
LEFT JOIN counted AS c
    ON c.employee_id = p.employee_id AND c.statement_id = f.statement_id
LEFT JOIN names AS n ON n.employee_id = p.employee_id
WHERE f.local_date <= $as_of
    AND ($requirement IS NULL OR list_contains(c.counts_for, $requirement))
ORDER BY person_id, f.timestamp, f.statement_id
