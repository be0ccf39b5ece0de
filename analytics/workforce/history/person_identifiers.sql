-- purpose: whose an identifier was
-- grain:   one row per identifier, person, stretch of days and stretch of recorded time
-- reads:   listed
--
-- An identifier is its person's from the effective date of the row that lists it until
-- another person's row claims it, and before the first claim the first one's: from 1900
-- on. Claimed by two people from the same day it is nobody's until the next claim. What
-- was linked or merged by hand stands elsewhere. identifier is the actor_id of the
-- facts: a hash, so that no address stands in the history.
WITH marked AS (
    SELECT employee_id, identifiers, recorded_from, recorded_to,
        coalesce(recorded_from > max(recorded_to) OVER (
            PARTITION BY employee_id, identifiers ORDER BY recorded_from, recorded_to
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), true) AS new
    FROM listed
),

-- While any row of a person lists them, whatever its day.
lists AS (
    SELECT employee_id, identifiers, min(recorded_from) AS recorded_from,
        max(recorded_to) AS recorded_to
    FROM (
        SELECT *, count_if(new) OVER (
            PARTITION BY employee_id, identifiers ORDER BY recorded_from, recorded_to
        ) AS n
        FROM marked
    )
    GROUP BY employee_id, identifiers, n
),

claims AS (
    SELECT unnest(identifiers) AS identifier, employee_id, recorded_from, recorded_to
    FROM lists
),

holders AS (
    SELECT identifier, min(employee_id) = max(employee_id) AS alone,
        count(*) = 1 AS once
    FROM claims GROUP BY identifier
),

-- Claimed by one person only: theirs from ever.
several AS (
    SELECT c.*, coalesce(c.recorded_from > max(c.recorded_to) OVER (
        PARTITION BY identifier ORDER BY c.recorded_from, c.recorded_to
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), true) AS new
    FROM claims AS c
    JOIN holders AS h USING (identifier)
    WHERE h.alone AND NOT h.once
),

sole AS (
    SELECT c.identifier, c.employee_id, c.recorded_from, c.recorded_to
    FROM claims AS c
    JOIN holders AS h USING (identifier)
    WHERE h.once
    UNION ALL
    SELECT identifier, employee_id, min(recorded_from), max(recorded_to)
    FROM (
        SELECT *, count_if(new) OVER (
            PARTITION BY identifier ORDER BY recorded_from, recorded_to
        ) AS n
        FROM several
    )
    GROUP BY identifier, employee_id, n
),

shared AS (
    SELECT c.identifier, c.employee_id
    FROM claims AS c
    JOIN holders AS h USING (identifier)
    WHERE NOT h.alone
),

contested AS (
    SELECT DISTINCT s.identifier, l.employee_id, unnest(l.days) AS day,
        l.recorded_from, l.recorded_to
    FROM listed AS l
    JOIN shared AS s
        ON s.employee_id = l.employee_id
        AND list_contains(l.identifiers, s.identifier)
),

turns AS (
    SELECT *,
        row_number() OVER (PARTITION BY identifier ORDER BY turned_at) AS moment,
        lead(turned_at, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
            PARTITION BY identifier ORDER BY turned_at
        ) AS next
    FROM (
        SELECT identifier, recorded_from AS turned_at FROM contested
        UNION SELECT identifier, recorded_to FROM contested
    )
    WHERE turned_at < TIMESTAMPTZ '9999-12-31 00:00:00+00'
),

held AS (
    SELECT t.identifier, t.moment, t.turned_at, t.next, c.day,
        CASE WHEN min(c.employee_id) = max(c.employee_id) THEN min(c.employee_id) END
            AS employee_id
    FROM turns AS t
    JOIN contested AS c
        ON c.identifier = t.identifier
        AND c.recorded_from <= t.turned_at AND t.turned_at < c.recorded_to
    GROUP BY t.identifier, t.moment, t.turned_at, t.next, c.day
),

handed AS (
    SELECT * FROM held
    WINDOW one AS (PARTITION BY identifier, moment ORDER BY day)
    QUALIFY row_number() OVER one = 1
        OR employee_id IS DISTINCT FROM lag(employee_id) OVER one
),

stretches AS (
    SELECT identifier, employee_id, moment, turned_at, next,
        CASE WHEN row_number() OVER one = 1 THEN DATE '1900-01-01' ELSE day END
            AS valid_from,
        lead(day, 1, DATE '9999-12-31') OVER one AS valid_to
    FROM handed
    WINDOW one AS (PARTITION BY identifier, moment ORDER BY day)
),

numbered AS (
    SELECT *, moment - row_number() OVER (
        PARTITION BY identifier, employee_id, valid_from, valid_to ORDER BY moment
    ) AS same
    FROM stretches
    WHERE employee_id IS NOT NULL AND valid_from < valid_to
)

SELECT employee_id, identifier,
    DATE '1900-01-01' AS valid_from, DATE '9999-12-31' AS valid_to,
    recorded_from, recorded_to
FROM sole
UNION ALL
SELECT employee_id, identifier, valid_from, valid_to, min(turned_at), max(next)
FROM numbered
GROUP BY identifier, employee_id, valid_from, valid_to, same
