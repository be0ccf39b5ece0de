-- purpose: whose an identifier was
-- grain:   one row per identifier, person, stretch of days and stretch of recorded time
-- reads:   versions
--
-- An identifier is its person's from the effective date of the row that lists it until
-- another person's row claims it, and before the first claim the first one's: from 1900
-- on. Claimed by two people from the same day it is nobody's until the next claim. What
-- was linked or merged by hand stands elsewhere. identifier is the actor_id of the
-- facts: a hash, so that no address stands in the history.
WITH claims AS (
    SELECT identifier, employee_id, recorded_from, recorded_to,
        list(DISTINCT effective_date) AS days
    FROM (
        SELECT unnest(identifiers) AS identifier, employee_id, effective_date,
            recorded_from, recorded_to
        FROM versions
    )
    GROUP BY identifier, employee_id, recorded_from, recorded_to
),

holders AS (
    SELECT identifier, min(employee_id) = max(employee_id) AS alone
    FROM claims GROUP BY identifier
),

-- Claimed by one person only: theirs from ever, while any of their rows lists it.
marked AS (
    SELECT c.* EXCLUDE (days), coalesce(recorded_from > max(recorded_to) OVER (
        PARTITION BY identifier ORDER BY recorded_from, recorded_to
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), true) AS new
    FROM claims AS c
    JOIN holders AS h USING (identifier)
    WHERE h.alone
),

sole AS (
    SELECT identifier, employee_id, min(recorded_from) AS recorded_from,
        max(recorded_to) AS recorded_to
    FROM (
        SELECT *, count_if(new) OVER (
            PARTITION BY identifier ORDER BY recorded_from, recorded_to
        ) AS n
        FROM marked
    )
    GROUP BY identifier, employee_id, n
),

contested AS (
    SELECT c.* EXCLUDE (days), unnest(days) AS day
    FROM claims AS c
    JOIN holders AS h USING (identifier)
    WHERE NOT h.alone
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
    GROUP BY ALL
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
