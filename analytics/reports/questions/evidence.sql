-- purpose: What stands behind a person's status: rule, HR rows, arithmetic, Statements?
-- grain:   one row per person, requirement and Statement on its activities, or one without
-- reads:   status, required, attempts, fact_contexts, present, hr, exempted, names
-- adds:    authority, sha256
-- counted: evidence_rows
--
-- counts: the Statement meets satisfied_by (or a half of it) and min_score; decides: it
-- is the one that the status rests on. unit_id, job_code, location_id, worker_type and
-- tenure_days are the audience facts of the day, from the HR row of hr_employee_id with
-- hr_effective_date, recorded at hr_recorded_at; entered_row_date and _recorded_at name
-- the row by which the person entered. job_title_then is that of the Statement's day.
-- authority and sha256 are of the Statement as it is stored: its text as UTF-8.
WITH wanted AS (
    SELECT * FROM status WHERE $status IS NULL OR status = $status
)

SELECT
    s.employee_id AS person_id,
    n.name,
    s.org_unit_id AS unit_id,
    s.code AS requirement,
    s.version AS requirement_version,
    s.status,
    t.item,
    t.statement_id,
    t.timestamp,
    t.stored,
    t.local_date,
    t.verb,
    t.activity_id,
    t.success,
    t.completion,
    t.score_scaled AS scaled,
    f.duration,
    t.counts,
    CASE WHEN t.statement_id IS NOT NULL
        THEN coalesce(t.statement_id = s.statement_id, false) END AS decides,
    f.job_title AS job_title_then,
    f.job_code AS job_code_then,
    f.identity_method,
    f.registration,
    s.job_code,
    s.job_title,
    s.location_id,
    s.worker_type,
    h.regulatory_classes,
    s.hire_date,
    ($as_of - h.hire_date)::INTEGER AS tenure_days,
    h.spell_id AS hr_employee_id,
    h.effective_date AS hr_effective_date,
    h.recorded_at AS hr_recorded_at,
    s.entered,
    b.effective_date AS entered_row_date,
    b.recorded_at AS entered_row_recorded_at,
    concat_ws('; ',
        CASE WHEN len(r.org_units) > 0 THEN
            'org_unit in ' || array_to_string(r.org_units, ', ') || ' and below' END,
        CASE WHEN len(r.job_codes) > 0 THEN
            'job_code in ' || array_to_string(r.job_codes, ', ') END,
        CASE WHEN len(r.locations) > 0 THEN
            'location in ' || array_to_string(r.locations, ', ') END,
        'worker_type in ' || array_to_string(r.worker_types, ', '),
        CASE WHEN len(r.regulatory_classes) > 0 THEN 'regulatory_class in '
            || array_to_string(r.regulatory_classes, ', ') END,
        CASE WHEN r.min_tenure_days > 0 THEN
            'tenure of ' || r.min_tenure_days || ' days' END
    ) AS audience,
    r.satisfied_by,
    r.min_score,
    r.basis,
    r.effective_from,
    r.effective_to,
    s.base,
    r.initial_days,
    r.calendar_basis,
    r.validity_days,
    r.recurrence,
    r.early_renewal_days,
    r.look_back_days,
    s.counts_from,
    r.leave_policy,
    s.due_date,
    s.grace_days,
    r.return_grace_days,
    s.first_completed_at,
    s.completed_at,
    s.expires_at,
    s.last_good_day,
    s.grace_until,
    e.from_day AS exempt_from,
    CASE WHEN e.to_day < DATE '9999-12-31' THEN e.to_day END AS exempt_to,
    e.reason AS exemption_reason,
    e.approver AS exemption_approver,
    e.recorded_at AS exemption_recorded_at,
    e.recorded_by AS exemption_recorded_by
FROM wanted AS s
JOIN required AS r ON r.code = s.code
LEFT JOIN present AS h ON h.employee_id = s.employee_id
LEFT JOIN hr AS b
    ON b.employee_id = s.employee_id AND s.entered BETWEEN b.from_day AND b.to_day
LEFT JOIN attempts AS t ON t.employee_id = s.employee_id AND t.code = s.code
LEFT JOIN fact_contexts AS f ON f.statement_id = t.statement_id
LEFT JOIN exempted AS e ON e.employee_id = s.employee_id AND e.requirement = s.code
LEFT JOIN names AS n ON n.employee_id = s.employee_id
ORDER BY person_id, requirement, t.timestamp, t.statement_id
