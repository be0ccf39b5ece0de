-- Purpose: the Statements stored before, of which something recorded in
--          ($after, $through] may say something new.
-- Grain:   one row per such Statement: its latest fact row
-- Reads:   facts, workforce, lookups, links, kin, decisions
WITH changed AS (
    SELECT employee_id FROM workforce WHERE recorded_at > make_timestamptz($after)
    UNION
    SELECT unnest([m.employee_id, m.into_id])
    FROM decisions AS m
    WHERE m.kind = 'merge' AND (
        m.recorded_at > make_timestamptz($after)
        OR m.decision IN (
            SELECT undoes FROM decisions WHERE recorded_at > make_timestamptz($after)
        )
    )
),

people AS (
    SELECT employee_id FROM changed
    UNION
    SELECT kin_id FROM changed JOIN kin USING (employee_id)
),

ids AS (
    SELECT DISTINCT unnest(identifiers) AS id
    FROM workforce
    WHERE employee_id IN (SELECT employee_id FROM people)
    UNION
    SELECT unnest([
        sha256('employee ' || employee_id), sha256('folded ' || lower(employee_id))
    ])
    FROM people
),

touched AS (
    SELECT id AS actor_id FROM ids
    UNION
    SELECT actor_id FROM lookups
    WHERE lookup_id IN (SELECT id FROM ids)
        OR known_from > make_timestamptz($after)
        OR known_until > make_timestamptz($after)
    UNION
    SELECT actor_id FROM links
    WHERE employee_id IN (SELECT employee_id FROM people)
        OR known_from > make_timestamptz($after)
        OR known_until > make_timestamptz($after)
)

SELECT * FROM facts
WHERE actor_id IN (SELECT actor_id FROM touched) OR sent_id IN (SELECT id FROM ids)
QUALIFY row_number() OVER (PARTITION BY statement_id ORDER BY recorded_at DESC) = 1
