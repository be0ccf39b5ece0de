-- purpose: a made-up company: units, people, their HR rows and their Statements' facts
-- grain:   one statement of SQL a table; $people, $facts and $requirements say how many
-- reads:   nothing; all is drawn from hashes, so that every run makes the same rows
CREATE MACRO draw(seed, key) AS (hash(seed, key) % 1000003) / 1000003.0;
CREATE MACRO unit_id(n) AS 'U' || lpad(n::VARCHAR, 4, '0');
CREATE MACRO person_id(n) AS 'E' || lpad(n::VARCHAR, 6, '0');
CREATE MACRO activity(n) AS 'https://courses.example.com/' || n;
CREATE MACRO verb(name) AS 'http://adlnet.gov/expapi/verbs/' || name;

-- Six levels: of 1, 5, 25 and 125 units, then a third and two thirds of the rest. Unit
-- $moved (and what is below it) can be put under another, for a reorganisation.
CREATE TABLE tree AS
WITH sized AS (SELECT greatest(200, least(1500, $people // 33)) AS units),
numbered AS (
    SELECT n, units,
        CASE WHEN n < 1 THEN 0 WHEN n < 6 THEN 1 WHEN n < 31 THEN 2
            WHEN n < 156 THEN 3 WHEN n < 156 + (units - 156) // 3 THEN 4
            ELSE 5 END AS level
    FROM sized, range(sized.units) AS r(n)
)
SELECT n, level, unit_id(n) AS unit_id, 'Unit ' || n AS name,
    CASE level WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN 1 + (n - 6) % 5
        WHEN 3 THEN 6 + (n - 31) % 25 WHEN 4 THEN 31 + (n - 156) % 125
        ELSE 156 + (n - 156) % greatest(1, (units - 156) // 3) END AS parent
FROM numbered;

-- Three rows a person: hired, moved, and in force today. Each unit has somebody in it
-- today, who tells what it is called and where it stands; most are on the two lowest.
CREATE TABLE spells AS
WITH units AS (SELECT count(*) AS all_of_them FROM tree),
people AS (
    SELECT n, DATE '2026-11-20' - 1100 - (draw(1, n) * 2500)::INTEGER AS hire_date,
        CASE WHEN n < all_of_them THEN n
            ELSE 156 + (draw(2, n) * (all_of_them - 157))::INTEGER END AS unit,
        156 + (draw(3, n) * (all_of_them - 157))::INTEGER AS former_unit,
        draw(4, n) AS kind
    FROM range($people) AS r(n), units
)
SELECT p.n, row_number, person_id(p.n) AS employee_id,
    CASE row_number WHEN 0 THEN p.hire_date
        WHEN 1 THEN DATE '2026-11-20' - 900 + (draw(5, p.n) * 500)::INTEGER
        ELSE DATE '2026-11-20' - 390 + (draw(6, p.n) * 380)::INTEGER
        END AS effective_date,
    p.hire_date,
    CASE WHEN row_number = 2 OR kind < 0.6 THEN p.unit ELSE p.former_unit END AS unit,
    'J' || ((draw(7, p.n) * 20)::INTEGER % 20 + CASE WHEN row_number = 0 AND kind > 0.8
        THEN 1 ELSE 0 END) % 20 AS job_code,
    'L' || (draw(8, p.n) * 12)::INTEGER % 12 AS location_id,
    CASE WHEN draw(9, p.n) < 0.1 THEN 'contractor' ELSE 'employee' END AS worker_type,
    -- Of the last rows: one in thirty is on leave, one in twenty-five has left.
    CASE WHEN row_number = 2 AND kind < 0.04 THEN 'terminated'
        WHEN row_number = 2 AND kind < 0.07 THEN 'leave' ELSE 'active' END AS status,
    CASE WHEN draw(10, p.n) < 0.2 THEN ['gxp'] WHEN draw(10, p.n) < 0.4 THEN ['sox']
        ELSE [] END AS regulatory_classes
FROM people AS p, range(3) AS k(row_number);

CREATE VIEW workforce AS
SELECT s.employee_id, s.effective_date,
    [sha256(s.employee_id)] AS identifiers, s.worker_type, s.status, s.hire_date,
    s.hire_date AS original_hire_date,
    CASE WHEN s.status = 'terminated' THEN s.effective_date - 1 END AS termination_date,
    s.job_code, 'Title of ' || s.job_code AS job_title, NULL::VARCHAR AS job_level,
    t.unit_id AS org_unit_id, t.name AS org_unit_name,
    unit_id(t.parent) AS org_parent_id, s.location_id,
    'Europe/Berlin' AS location_time_zone, person_id(t.n) AS manager_id,
    NULL::VARCHAR AS cost_center_id, 1.0 AS fte, s.regulatory_classes,
    false AS retracted,
    greatest(s.effective_date, DATE '2023-11-20')::TIMESTAMP AT TIME ZONE 'UTC'
        + INTERVAL 3 HOUR AS recorded_at
FROM spells AS s JOIN tree AS t ON t.n = s.unit
ORDER BY recorded_at, employee_id, effective_date;

CREATE VIEW people AS
SELECT s.employee_id, s.effective_date, 'Given' || s.n % 977 AS given_name,
    'Family' || s.n % 3001 AS family_name, 'e' || s.n || '@example.com' AS email,
    false AS retracted,
    greatest(s.effective_date, DATE '2023-11-20')::TIMESTAMP AT TIME ZONE 'UTC'
        + INTERVAL 3 HOUR AS recorded_at
FROM spells AS s ORDER BY recorded_at, employee_id;

CREATE VIEW kpi AS
SELECT person_id(n) AS employee_id, 'sales' AS metric, month::DATE AS period_start,
    (month + INTERVAL 1 MONTH)::DATE - 1 AS period_end, draw(11, n) AS value,
    'points' AS unit, (month + INTERVAL 1 MONTH) AT TIME ZONE 'UTC' AS recorded_at
FROM range($people // 5) AS r(n),
    range(TIMESTAMP '2025-11-01', TIMESTAMP '2026-11-01', INTERVAL 1 MONTH) AS m(month);

-- What is asked of whom: as the requirements are written (company.py).
CREATE TABLE asked AS
WITH RECURSIVE above AS (
    SELECT n, n AS ancestor FROM tree
    UNION ALL
    SELECT a.n, t.parent FROM above AS a JOIN tree AS t ON t.n = a.ancestor
    WHERE t.parent IS NOT NULL
),
audiences AS (
    SELECT r, r % 5 AS kind, ['L' || r % 12, 'L' || (r + 5) % 12] AS locations,
        list_transform([0, 1, 2, 3], lambda k: 'J' || (r + k) % 20) AS jobs,
        CASE r % 5 WHEN 0 THEN [1 + r % 5] ELSE list_transform(
            [0, 7, 12, 18, 21], lambda k: 6 + (r + k) % 25) END AS units
    FROM range($requirements) AS q(r)
)
SELECT s.n AS who, list(a.r) AS courses
FROM spells AS s
JOIN audiences AS a ON CASE a.kind WHEN 1 THEN list_contains(a.locations, s.location_id)
    WHEN 2 THEN list_contains(a.jobs, s.job_code)
    WHEN 3 THEN list_contains(s.regulatory_classes, 'gxp')
    ELSE EXISTS (SELECT 1 FROM above AS u
        WHERE u.n = s.unit AND list_contains(a.units, u.ancestor)) END
WHERE s.row_number = 2
GROUP BY s.n;

-- Six in ten are on what is asked of that person, the rest on electives; one in fifty is
-- of somebody whom nobody knows. Drawn over three years, evenly.
CREATE MACRO fact_rows(first, beyond) AS TABLE
WITH drawn AS (
    SELECT n, p.who, draw(22, n) AS what,
        CASE WHEN draw(23, n) < 0.6 AND a.courses IS NOT NULL
            THEN a.courses[1 + (hash(24, n) % len(a.courses))::BIGINT]
            ELSE 1000 + (hash(25, n) % 300)::BIGINT END AS course,
        TIMESTAMPTZ '2023-11-20 04:00:00+00'
            + to_microseconds((n / $facts * 1095 * 86400e6)::BIGINT) AS happened
    FROM (SELECT n, (hash(21, n) % $people)::BIGINT AS who
        FROM range(first, beyond) AS r(n)) AS p
    LEFT JOIN asked AS a USING (who)
)
SELECT md5(n::VARCHAR)::UUID::VARCHAR AS statement_id,
    happened + INTERVAL 2 SECOND AS stored, happened AS timestamp,
    sha256(person_id(who)) AS actor_id, 'account' AS actor_kind,
    verb(CASE WHEN what < 0.5 THEN 'completed' WHEN what < 0.9 THEN 'passed'
        WHEN what < 0.93 THEN 'failed' ELSE 'experienced' END) AS verb,
    'Activity' AS object_type, activity(course) AS activity_id, []::VARCHAR[] AS parents,
    NULL::VARCHAR AS registration, NULL::VARCHAR AS session_id,
    what BETWEEN 0.5 AND 0.9 AS success, what < 0.5 AS completion,
    CASE WHEN what < 0.93 THEN 0.5 + what / 2 END AS score_scaled,
    NULL::VARCHAR AS duration, NULL::VARCHAR AS sent_id,
    CASE WHEN n % 50 > 0 THEN person_id(who) END AS person_id,
    CASE WHEN n % 50 > 0 THEN 'account:listed' ELSE 'unknown' END AS identity_method,
    NULL::VARCHAR AS identity_reason, happened::DATE AS local_date,
    unit_id(156 + who % 44) AS org_unit_id, 'J' || who % 20 AS job_code,
    'Title of J' || who % 20 AS job_title, 'L' || who % 12 AS location_id,
    'Europe/Berlin' AS location_time_zone, person_id(who % 1500) AS manager_id,
    'employee' AS worker_type, 'active' AS employment_status,
    NULL::VARCHAR AS cost_center_id, []::VARCHAR[] AS regulatory_classes,
    (n % 3000)::INTEGER AS tenure_days, TIMESTAMPTZ '2023-11-20 03:00:00+00'
        AS hr_recorded_at, happened + INTERVAL 2 SECOND AS recorded_at
FROM drawn ORDER BY stored;
