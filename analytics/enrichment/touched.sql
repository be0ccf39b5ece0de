-- Purpose: of which actors something recorded in ($after, $through] may say something
--          new: the Statements stored before that are theirs need another look.
-- Reads:   workforce, lookups, authorities, links, kin, decisions
-- Makes:   changed_people one row per employee_id of whom something was said
--          changed_ids    one row per id that they were ever listed by
--          touched        one row per actor
CREATE TEMP TABLE changed_people AS
WITH changed AS (
    SELECT employee_id FROM workforce WHERE recorded_at > getvariable('after')
    UNION
    SELECT unnest([m.employee_id, m.into_id])
    FROM decisions AS m
    WHERE m.kind = 'merge' AND (
        m.recorded_at > getvariable('after')
        OR m.decision IN (
            SELECT undoes FROM decisions WHERE recorded_at > getvariable('after')
        )
    )
),

people AS (
    SELECT employee_id FROM changed
    UNION
    SELECT kin_id FROM changed JOIN kin USING (employee_id)
)

SELECT employee_id FROM people;

CREATE TEMP TABLE changed_ids AS
SELECT DISTINCT unnest(identifiers) AS id
FROM workforce
WHERE employee_id IN (SELECT employee_id FROM changed_people)
UNION
SELECT unnest([
    sha256('employee ' || employee_id), sha256('folded ' || lower(employee_id))
])
FROM changed_people;

CREATE TEMP TABLE touched AS
SELECT id AS actor_id FROM changed_ids
UNION
SELECT actor_id FROM lookups
WHERE lookup_id IN (SELECT id FROM changed_ids)
    OR known_from > getvariable('after')
    OR known_until > getvariable('after')
UNION
SELECT actor_id FROM authorities
WHERE known_from > getvariable('after') OR known_until > getvariable('after')
UNION
SELECT actor_id FROM links
WHERE employee_id IN (SELECT employee_id FROM changed_people)
    OR known_from > getvariable('after')
    OR known_until > getvariable('after');
