-- purpose: which employee_ids were merged into another person, as known at $known_at
-- grain:   one row per employee_id that is somebody else's; survivor_id is who that is
-- reads:   decisions
WITH RECURSIVE standing AS (
    SELECT m.employee_id, m.into_id
    FROM decisions AS m
    WHERE m.kind = 'merge' AND m.recorded_at <= $known_at
        AND NOT EXISTS (
            SELECT 1 FROM decisions AS u
            WHERE u.kind = 'undo' AND u.undoes = m.decision AND u.recorded_at <= $known_at
        )
),

above AS (
    SELECT employee_id, into_id AS survivor_id, [employee_id] AS path FROM standing
    UNION ALL
    SELECT a.employee_id, s.into_id, list_append(a.path, a.survivor_id)
    FROM above AS a
    JOIN standing AS s ON s.employee_id = a.survivor_id
    WHERE NOT list_contains(a.path, s.into_id)  -- a circle cannot be decided
)

SELECT employee_id, survivor_id
FROM above
WHERE survivor_id NOT IN (SELECT employee_id FROM standing)
