-- purpose: how many pairs of each status a person has
-- grain:   one row per person of the rows given
-- takes:   status
--
-- tally('pairs'): a table or a step of a query with the columns of status.
CREATE OR REPLACE TEMP MACRO tally(pairs) AS TABLE
SELECT
    employee_id,
    any_value(org_unit_id) AS org_unit_id,
    any_value(location_id) AS location_id,
    any_value(job_code) AS job_code,
    any_value(job_title) AS job_title,
    any_value(manager_id) AS manager_id,
    any_value(worker_type) AS worker_type,
    count(*) AS pairs,
    count(*) FILTER (status = 'COMPLIANT') AS compliant,
    count(*) FILTER (status = 'EXPIRING') AS expiring,
    count(*) FILTER (status = 'GRACE') AS grace,
    count(*) FILTER (status = 'IN_PROGRESS') AS in_progress,
    count(*) FILTER (status = 'NOT_STARTED') AS not_started,
    count(*) FILTER (status = 'OVERDUE') AS overdue,
    count(*) FILTER (status = 'EXPIRED') AS expired,
    count(*) FILTER (status = 'ON_LEAVE') AS on_leave,
    count(*) FILTER (status = 'EXEMPT') AS exempt,
    count(*) FILTER (applicable) AS applicable,
    count(*) FILTER (good) AS good,
    count(*) FILTER (applicable AND was_due) AS due,
    count(*) FILTER (good AND was_due) AS good_due,
    count(*) FILTER (applicable AND was_due AND on_time) AS due_on_time
FROM query_table(pairs)
GROUP BY employee_id;
