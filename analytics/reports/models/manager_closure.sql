-- purpose: who stands above whom on $as_of, from manager to manager
-- grain:   one row per employed person and manager above them; depth 1 is their own
-- reads:   present
WITH RECURSIVE managed AS (
    SELECT employee_id, manager_id, employed FROM present
    WHERE manager_id IS NOT NULL AND manager_id <> employee_id
),

above AS (
    SELECT m.employee_id, m.manager_id, 1 AS depth, [m.employee_id, m.manager_id] AS path
    FROM managed AS m
    WHERE m.employed
    UNION ALL
    SELECT a.employee_id, m.manager_id, a.depth + 1, list_append(a.path, m.manager_id)
    FROM above AS a
    JOIN managed AS m ON m.employee_id = a.manager_id
    WHERE NOT list_contains(a.path, m.manager_id)  -- a circle ends where it began
)

SELECT employee_id, manager_id, depth FROM above
