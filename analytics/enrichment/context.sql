-- Purpose: who a Statement's actor was, and where they stood on the day, as it was
--          known at each moment in ($after, $through].
-- Grain:   one row per Statement and moment at which what is known of it changed.
-- Reads:   fresh     Statements stored in ($after, $through]
--          earlier   the latest fact row of Statements stored before, of which something
--                    recorded in ($after, $through] may say something new (touched.sql)
--          workforce every version of every HR row recorded up to $through
--          unit_paths under which units a unit stood, as known when (unit_paths.sql)
--          decisions, mappings, lookups, authorities, links, ancestry, kin: see
--                    identity.sql
--
-- A link made by hand decides. Else, of the ids that an actor is looked up by, those of
-- the least rank that anybody claims. An identifier belongs to a person from the
-- effective date of the row that lists it until another person's row claims it, and
-- before the first claim to the first. Claimed by two people from the same day nobody
-- can tell whose it is: evidence must not go to the wrong person, so the actor stays
-- unresolved. Where the rules say whose a domain's addresses are, nobody else's row
-- claims them. Who was merged into another person is that person, with the rows of both:
-- of those in force the primary one gives the context.
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

statements AS (
    SELECT *, NULL::TIMESTAMPTZ AS latest, coalesce(actor_id || sent_id, actor_id) AS asker
    FROM fresh
    UNION ALL BY NAME
    SELECT
        * EXCLUDE (
            person_id, identity_method, identity_reason, local_date, org_unit_id,
            unit_path, job_code, job_title, location_id, location_time_zone, manager_id,
            worker_type, employment_status, cost_center_id, regulatory_classes,
            tenure_days, hr_recorded_at, path_recorded_at, recorded_at
        ),
        recorded_at AS latest,
        coalesce(actor_id || sent_id, actor_id) AS asker
    FROM earlier
),

askers AS (
    SELECT DISTINCT asker, actor_id, sent_id, actor_kind
    FROM statements
    WHERE actor_id IS NOT NULL
),

-- What each of them is looked up by; lookups has what is not plain to see.
keys AS MATERIALIZED (
    SELECT asker, actor_id AS lookup_id,
        CASE actor_kind WHEN 'account' THEN 'account:listed' ELSE actor_kind END AS method,
        1 AS rank, NULL AS employee_id,
        NULL::TIMESTAMPTZ AS known_from, NULL::TIMESTAMPTZ AS known_until
    FROM askers
    UNION ALL
    SELECT asker, sent_id, 'mbox:sha1sum', 2, NULL, NULL, NULL
    FROM askers
    WHERE sent_id IS NOT NULL
    UNION ALL
    SELECT a.asker, l.* EXCLUDE (actor_id)
    FROM askers AS a JOIN lookups AS l USING (actor_id)
),

claims AS MATERIALIZED (
    SELECT * FROM (
        SELECT unnest(identifiers) AS lookup_id, employee_id, worker_type,
            effective_date, valid_from, known_from, known_until
        FROM versions
        WHERE retracted IS NOT true
    )
    WHERE lookup_id IN (SELECT lookup_id FROM keys)
    UNION ALL
    -- An employee_id changes no hands: it is claimed from ever.
    SELECT i.lookup_id, v.employee_id, v.worker_type, DATE '0001-01-01',
        TIMESTAMPTZ '-infinity', v.known_from, v.known_until
    FROM (
        SELECT DISTINCT employee_id,
            unnest([
                sha256('employee ' || employee_id),
                sha256('folded ' || lower(employee_id))
            ]) AS lookup_id
        FROM workforce
        WHERE EXISTS (SELECT 1 FROM mappings WHERE scheme = 'employee_id')
    ) AS i
    JOIN versions AS v USING (employee_id)
    WHERE v.retracted IS NOT true AND i.lookup_id IN (SELECT lookup_id FROM keys)
),

-- Whose rows may matter to whom.
claimants AS (
    SELECT k.asker, c.employee_id FROM keys AS k JOIN claims AS c USING (lookup_id)
    UNION
    SELECT a.asker, l.employee_id FROM askers AS a JOIN links AS l USING (actor_id)
),

concerned AS (
    SELECT asker, employee_id FROM claimants
    UNION
    SELECT c.asker, k.kin_id FROM claimants AS c JOIN kin AS k USING (employee_id)
),

-- The moments at which something about an actor may have changed.
moments AS (
    SELECT c.asker, w.recorded_at AS known_at
    FROM concerned AS c JOIN workforce AS w USING (employee_id)
    UNION
    SELECT c.asker, unnest([a.known_from, a.known_until])
    FROM concerned AS c
    JOIN ancestry AS a ON c.employee_id = a.employee_id OR c.employee_id = a.survivor_id
    UNION
    SELECT a.asker, unnest([l.known_from, l.known_until])
    FROM askers AS a JOIN links AS l USING (actor_id)
    UNION
    SELECT asker, unnest([known_from, known_until])
    FROM keys
    WHERE known_from IS NOT NULL OR known_until IS NOT NULL
    UNION
    SELECT a.asker, unnest([r.known_from, r.known_until])
    FROM askers AS a JOIN authorities AS r USING (actor_id)
),

pairs AS MATERIALIZED (
    SELECT statement_id, actor_id, asker, timestamp, stored AS known_at
    FROM statements
    WHERE latest IS NULL
    UNION
    SELECT s.statement_id, s.actor_id, s.asker, s.timestamp, m.known_at
    FROM statements AS s JOIN moments AS m USING (asker)
    WHERE m.known_at > getvariable('after')
        AND m.known_at > s.stored AND (s.latest IS NULL OR m.known_at > s.latest)
),

-- Whose claims count: who a Statement's address may belong to, where the rules say so.
bounds AS (
    SELECT p.statement_id, p.known_at, r.worker_types
    FROM pairs AS p
    JOIN authorities AS r
        ON r.actor_id = p.actor_id
        AND (r.known_from IS NULL OR r.known_from <= p.known_at)
        AND (r.known_until IS NULL OR p.known_at < r.known_until)
),

-- The claims that decide: by the surest key; the latest at or before the Statement,
-- else the first.
deciding AS (
    SELECT p.statement_id, p.timestamp, p.known_at, c.employee_id, k.method
    FROM pairs AS p
    JOIN keys AS k
        ON k.asker = p.asker
        AND (k.known_from IS NULL OR k.known_from <= p.known_at)
        AND (k.known_until IS NULL OR p.known_at < k.known_until)
    JOIN claims AS c
        ON c.lookup_id = k.lookup_id
        AND c.known_from <= p.known_at
        AND (c.known_until IS NULL OR p.known_at < c.known_until)
    LEFT JOIN bounds AS b
        ON b.statement_id = p.statement_id AND b.known_at = p.known_at
        AND k.method IN ('mbox', 'mbox:sha1sum', 'mbox:plus_tag', 'account:email')
    WHERE b.worker_types IS NULL OR list_contains(b.worker_types, c.worker_type)
    QUALIFY rank() OVER (
        PARTITION BY p.statement_id, p.known_at
        ORDER BY
            k.rank,
            (c.valid_from <= p.timestamp) DESC,
            CASE WHEN c.valid_from <= p.timestamp THEN c.effective_date END DESC,
            c.effective_date
    ) = 1
),

linked AS (
    SELECT p.statement_id, p.timestamp, p.known_at, l.employee_id, l.decision
    FROM pairs AS p
    JOIN links AS l
        ON l.actor_id = p.actor_id
        AND l.known_from <= p.known_at
        AND (l.known_until IS NULL OR p.known_at < l.known_until)
    QUALIFY row_number() OVER (
        PARTITION BY p.statement_id, p.known_at ORDER BY l.decision DESC
    ) = 1
),

-- Everybody that a key leads to, and who they were then, merges considered.
found AS (
    SELECT d.statement_id, d.timestamp, d.known_at, d.employee_id, d.method,
        NULL::BIGINT AS decision
    FROM deciding AS d ANTI JOIN linked AS l USING (statement_id, known_at)
    UNION ALL
    SELECT statement_id, timestamp, known_at, employee_id, 'link', decision FROM linked
),

surviving AS (
    SELECT f.*, coalesce(a.survivor_id, f.employee_id) AS person_id
    FROM found AS f
    LEFT JOIN ancestry AS a
        ON a.employee_id = f.employee_id
        AND a.known_from <= f.known_at
        AND (a.known_until IS NULL OR f.known_at < a.known_until)
    QUALIFY row_number() OVER (
        PARTITION BY f.statement_id, f.known_at, f.employee_id ORDER BY a.depth DESC
    ) = 1
),

resolved AS (
    SELECT
        statement_id, known_at, any_value(timestamp) AS timestamp,
        list_sort(list(DISTINCT person_id)) AS people,
        list_sort(list(DISTINCT employee_id) FILTER (employee_id <> person_id)) AS merged,
        CASE WHEN len(people) = 1 THEN people[1] END AS person_id,
        CASE WHEN len(people) = 1 THEN any_value(method) ELSE 'ambiguous' END
            AS identity_method,
        CASE
            WHEN len(people) > 1 THEN len(people) || ': ' || array_to_string(
                people[1:5], ', ') || CASE WHEN len(people) > 5 THEN ', ...' ELSE '' END
            WHEN any_value(decision) IS NOT NULL
                THEN 'decision ' || any_value(decision)
            WHEN len(merged) > 0 THEN 'merged from ' || array_to_string(merged, ', ')
        END AS identity_reason
    FROM surviving
    GROUP BY statement_id, known_at
),

-- Nobody claims the actor: what was tried in vain.
tried AS (
    SELECT p.statement_id, p.known_at,
        bool_or(k.method <> 'account:listed') AS is_mapped,
        max(k.employee_id) AS employee_id,
        -- Listed, but by nobody whose the domain's addresses are.
        bool_or(c.employee_id IS NOT NULL) AS is_barred
    FROM pairs AS p
    JOIN keys AS k
        ON k.asker = p.asker
        AND (k.known_from IS NULL OR k.known_from <= p.known_at)
        AND (k.known_until IS NULL OR p.known_at < k.known_until)
    LEFT JOIN claims AS c
        ON c.lookup_id = k.lookup_id
        AND c.known_from <= p.known_at
        AND (c.known_until IS NULL OR p.known_at < c.known_until)
    ANTI JOIN resolved AS r USING (statement_id, known_at)
    GROUP BY p.statement_id, p.known_at
),

-- The employees who are the person, each with the row in force at the Statement's
-- timestamp, of those known then.
spells AS (
    SELECT statement_id, known_at, timestamp, person_id AS employee_id
    FROM resolved
    WHERE person_id IS NOT NULL
    UNION ALL
    SELECT r.statement_id, r.known_at, r.timestamp, a.employee_id
    FROM resolved AS r
    JOIN ancestry AS a
        ON a.survivor_id = r.person_id
        AND a.known_from <= r.known_at
        AND (a.known_until IS NULL OR r.known_at < a.known_until)
),

in_force AS (
    SELECT r.statement_id, r.known_at, v.*,
        timezone(coalesce(v.location_time_zone, 'UTC'), r.timestamp)::DATE AS day,
        day >= v.hire_date AND day <= CASE
            WHEN v.termination_date IS NOT NULL THEN v.termination_date
            WHEN v.status = 'terminated' THEN v.effective_date - 1
            ELSE day END AS employed
    FROM spells AS r
    JOIN versions AS v
        ON v.employee_id = r.employee_id
        AND v.known_from <= r.known_at
        AND (v.known_until IS NULL OR r.known_at < v.known_until)
        AND v.valid_from <= r.timestamp
        AND v.retracted IS NOT true
    QUALIFY row_number() OVER (
        PARTITION BY r.statement_id, r.known_at, v.employee_id
        -- By date and not by moment: the row of the day before, of a place a day behind,
        -- may begin later than the one that replaces it.
        ORDER BY v.effective_date DESC
    ) = 1
),

placed AS (
    SELECT * FROM in_force
    QUALIFY row_number() OVER (
        PARTITION BY statement_id, known_at
        ORDER BY
            employed DESC,
            list_position(
                ['employee', 'contractor', 'partner', 'customer'], worker_type
            ),
            hire_date DESC,
            employee_id
    ) = 1
),

known AS (
    SELECT
        p.statement_id,
        p.known_at AS recorded_at,
        r.person_id,
        coalesce(r.identity_method, 'unknown') AS identity_method,
        CASE
            WHEN r.statement_id IS NOT NULL THEN r.identity_reason
            WHEN s.actor_id IS NULL THEN 'anonymous'
            WHEN t.is_barred THEN 'domain'
            WHEN t.employee_id IS NOT NULL THEN 'no_employee ' || t.employee_id
            WHEN s.actor_kind = 'account' AND NOT t.is_mapped THEN 'unmapped'
            ELSE 'unlisted'
        END AS identity_reason,
        timezone(coalesce(w.location_time_zone, 'UTC'), p.timestamp)::DATE AS local_date,
        w.org_unit_id,
        w.job_code,
        w.job_title,
        w.location_id,
        w.location_time_zone,
        w.manager_id,
        w.worker_type,
        -- Of the day: a row that says terminated is in force before its last day too,
        -- and one that names a last day after it.
        CASE
            WHEN w.employed AND w.status = 'terminated' THEN 'active'
            WHEN NOT w.employed AND w.day >= w.hire_date THEN 'terminated'
            ELSE w.status
        END AS employment_status,
        w.cost_center_id,
        w.regulatory_classes,
        w.hire_date,
        w.recorded_at AS hr_recorded_at
    FROM pairs AS p
    JOIN statements AS s USING (statement_id)
    LEFT JOIN resolved AS r USING (statement_id, known_at)
    LEFT JOIN tried AS t USING (statement_id, known_at)
    LEFT JOIN placed AS w USING (statement_id, known_at)
),

contexts AS (
    SELECT
        * EXCLUDE (hire_date),
        (local_date - hire_date)::INTEGER AS tenure_days,
        true AS is_new
    FROM known
    UNION ALL BY NAME
    SELECT
        statement_id, recorded_at, person_id, identity_method, identity_reason,
        local_date, org_unit_id, job_code, job_title, location_id, location_time_zone,
        manager_id, worker_type, employment_status, cost_center_id, regulatory_classes,
        hr_recorded_at, tenure_days, false AS is_new
    FROM earlier
),

-- Until the next of them a person's context stays, but a unit above may get another
-- place: a moment of its own.
lasting AS (
    SELECT *,
        lead(recorded_at) OVER (PARTITION BY statement_id ORDER BY recorded_at) AS until,
        greatest(DATE '1900-01-01', least(local_date, DATE '9999-12-30')) AS path_day
    FROM contexts
),

placed_units AS (
    SELECT l.* EXCLUDE (until, path_day), p.path AS unit_path,
        p.known_from AS path_recorded_at
    FROM lasting AS l
    LEFT JOIN unit_paths AS p
        ON p.unit_id = l.org_unit_id
        AND p.from_day <= l.path_day AND l.path_day < p.until_day
        AND p.known_from <= l.recorded_at
        AND (p.known_until IS NULL OR l.recorded_at < p.known_until)
    UNION ALL BY NAME
    SELECT l.* EXCLUDE (until, path_day, recorded_at, is_new), p.path AS unit_path,
        p.known_from AS path_recorded_at, p.known_from AS recorded_at, true AS is_new
    FROM lasting AS l
    JOIN unit_paths AS p
        ON p.unit_id = l.org_unit_id
        AND p.from_day <= l.path_day AND l.path_day < p.until_day
        AND p.known_from > l.recorded_at
        AND (l.until IS NULL OR p.known_from < l.until)
),

-- A moment that changed nothing leaves no row; hr_recorded_at alone is no change.
changes AS (
    SELECT * FROM placed_units
    WINDOW statement AS (PARTITION BY statement_id ORDER BY recorded_at)
    QUALIFY is_new AND (
        row_number() OVER statement = 1
        OR row(
            person_id, identity_method, identity_reason, local_date, org_unit_id,
            unit_path, job_code, job_title, location_id, location_time_zone, manager_id,
            worker_type, employment_status, cost_center_id, regulatory_classes,
            tenure_days
        ) IS DISTINCT FROM lag(row(
            person_id, identity_method, identity_reason, local_date, org_unit_id,
            unit_path, job_code, job_title, location_id, location_time_zone, manager_id,
            worker_type, employment_status, cost_center_id, regulatory_classes,
            tenure_days
        )) OVER statement
    )
)

SELECT s.* EXCLUDE (latest, asker), c.* EXCLUDE (statement_id, is_new)
FROM changes AS c JOIN statements AS s USING (statement_id)
ORDER BY c.person_id, s.stored, s.statement_id, c.recorded_at
