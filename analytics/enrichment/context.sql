-- Purpose: who a Statement's actor was, and where they stood on the day, as it was
--          known at each moment in ($after, $through].
-- Grain:   one row per Statement and moment at which what is known of it changed.
-- Reads:   fresh     Statements stored in ($after, $through]
--          earlier   the latest fact row of Statements stored before, whose actor an
--                    HR row recorded in ($after, $through] may concern
--          workforce every version of every HR row recorded up to $through
--
-- An identifier belongs to a person from the effective date of the row that lists it
-- until another person's row claims it, and before the first claim to the first. Claimed
-- by two people from the same day nobody can tell whose it is: evidence must not go to
-- the wrong person, so the actor stays unresolved.
WITH versions AS (
    SELECT
        * EXCLUDE (location_time_zone),
        -- A zone that this engine does not know must not stop everything.
        CASE WHEN location_time_zone IN (SELECT name FROM pg_timezone_names())
            THEN location_time_zone END AS location_time_zone,
        timezone(coalesce(
            CASE WHEN location_time_zone IN (SELECT name FROM pg_timezone_names())
                THEN location_time_zone END, 'UTC'
        ), effective_date::TIMESTAMP) AS valid_from,
        recorded_at AS known_from,
        lead(recorded_at) OVER (
            PARTITION BY employee_id, effective_date ORDER BY recorded_at
        ) AS known_until
    FROM workforce
),

claims AS (
    SELECT unnest(identifiers) AS actor_id, employee_id, effective_date, valid_from,
        known_from, known_until
    FROM versions
    WHERE retracted IS NOT true
),

-- The moments at which something about an actor may have changed.
moments AS (
    SELECT DISTINCT listed.actor_id, changed.recorded_at AS known_at
    FROM (SELECT DISTINCT actor_id, employee_id FROM claims) AS listed
    JOIN (
        SELECT DISTINCT employee_id, recorded_at FROM workforce
        WHERE recorded_at > make_timestamptz($after)
    ) AS changed USING (employee_id)
),

statements AS (
    SELECT *, NULL::TIMESTAMPTZ AS latest FROM fresh
    UNION ALL BY NAME
    SELECT
        * EXCLUDE (
            person_id, identity_method, local_date, org_unit_id, job_code, job_title,
            location_id, location_time_zone, manager_id, worker_type,
            employment_status, cost_center_id, regulatory_classes, tenure_days,
            hr_recorded_at, recorded_at
        ),
        recorded_at AS latest
    FROM earlier
),

pairs AS (
    SELECT statement_id, actor_id, timestamp, stored AS known_at FROM fresh
    UNION
    SELECT s.statement_id, s.actor_id, s.timestamp, m.known_at
    FROM statements AS s JOIN moments AS m USING (actor_id)
    WHERE m.known_at > s.stored AND (s.latest IS NULL OR m.known_at > s.latest)
),

-- The claims that decide: the latest at or before the Statement, else the first.
deciding AS (
    SELECT p.statement_id, p.timestamp, p.known_at, c.employee_id
    FROM pairs AS p
    JOIN claims AS c
        ON c.actor_id = p.actor_id
        AND c.known_from <= p.known_at
        AND (c.known_until IS NULL OR p.known_at < c.known_until)
    QUALIFY rank() OVER (
        PARTITION BY p.statement_id, p.known_at
        ORDER BY
            (c.valid_from <= p.timestamp) DESC,
            CASE WHEN c.valid_from <= p.timestamp THEN c.effective_date END DESC,
            c.effective_date
    ) = 1
),

resolved AS (
    SELECT
        statement_id, known_at, any_value(timestamp) AS timestamp,
        CASE WHEN count(DISTINCT employee_id) = 1 THEN any_value(employee_id) END
            AS person_id
    FROM deciding
    GROUP BY statement_id, known_at
),

-- Of the person's rows known then, the one in force at the Statement's timestamp.
placed AS (
    SELECT r.statement_id, r.known_at, v.*
    FROM resolved AS r
    JOIN versions AS v
        ON v.employee_id = r.person_id
        AND v.known_from <= r.known_at
        AND (v.known_until IS NULL OR r.known_at < v.known_until)
        AND v.valid_from <= r.timestamp
        AND v.retracted IS NOT true
    QUALIFY row_number() OVER (
        PARTITION BY r.statement_id, r.known_at
        ORDER BY v.valid_from DESC, v.effective_date DESC
    ) = 1
),

known AS (
    SELECT
        p.statement_id,
        p.known_at AS recorded_at,
        r.person_id,
        CASE
            WHEN r.person_id IS NOT NULL THEN s.actor_kind
            WHEN r.statement_id IS NOT NULL THEN 'ambiguous'
            ELSE 'unknown'
        END AS identity_method,
        timezone(coalesce(w.location_time_zone, 'UTC'), p.timestamp)::DATE AS local_date,
        w.org_unit_id,
        w.job_code,
        w.job_title,
        w.location_id,
        w.location_time_zone,
        w.manager_id,
        w.worker_type,
        w.status AS employment_status,
        w.cost_center_id,
        w.regulatory_classes,
        w.hire_date,
        w.recorded_at AS hr_recorded_at
    FROM pairs AS p
    JOIN statements AS s USING (statement_id)
    LEFT JOIN resolved AS r USING (statement_id, known_at)
    LEFT JOIN placed AS w USING (statement_id, known_at)
),

contexts AS (
    SELECT
        statement_id, recorded_at, person_id, identity_method, local_date, org_unit_id,
        job_code, job_title, location_id, location_time_zone, manager_id, worker_type,
        employment_status, cost_center_id, regulatory_classes,
        (local_date - hire_date)::INTEGER AS tenure_days,
        hr_recorded_at,
        true AS is_new
    FROM known
    UNION ALL
    SELECT
        statement_id, recorded_at, person_id, identity_method, local_date, org_unit_id,
        job_code, job_title, location_id, location_time_zone, manager_id, worker_type,
        employment_status, cost_center_id, regulatory_classes, tenure_days,
        hr_recorded_at, false
    FROM earlier
),

-- A moment that changed nothing leaves no row; hr_recorded_at alone is no change.
changes AS (
    SELECT * FROM contexts
    WINDOW statement AS (PARTITION BY statement_id ORDER BY recorded_at)
    QUALIFY is_new AND (
        row_number() OVER statement = 1
        OR row(
            person_id, identity_method, local_date, org_unit_id, job_code, job_title,
            location_id, location_time_zone, manager_id, worker_type,
            employment_status, cost_center_id, regulatory_classes, tenure_days
        ) IS DISTINCT FROM lag(row(
            person_id, identity_method, local_date, org_unit_id, job_code, job_title,
            location_id, location_time_zone, manager_id, worker_type,
            employment_status, cost_center_id, regulatory_classes, tenure_days
        )) OVER statement
    )
)

SELECT s.* EXCLUDE (latest), c.* EXCLUDE (statement_id, is_new)
FROM changes AS c JOIN statements AS s USING (statement_id)
ORDER BY c.recorded_at, s.statement_id
