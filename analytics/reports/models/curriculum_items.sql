-- purpose: the items of each curriculum that are asked of a person, and since when
-- grain:   one row per person, curriculum and item
-- reads:   duties, required, exempted
--
-- An item that applies to the person by itself counts from when it does there, so that
-- both say the same; any other one from when the curriculum does. An item from which
-- the person is exempt is not asked.
WITH listed AS (
    SELECT d.employee_id, d.code, d.counts_from, unnest(r.items) AS item
    FROM duties AS d
    JOIN required AS r USING (code)
    WHERE d.satisfied_by = 'items'
)

SELECT l.employee_id, l.code, l.item,
    coalesce(own.counts_from, l.counts_from) AS counts_from
FROM listed AS l
LEFT JOIN duties AS own ON own.employee_id = l.employee_id AND own.code = l.item
WHERE NOT EXISTS (
    SELECT 1 FROM exempted AS e
    WHERE e.employee_id = l.employee_id AND e.requirement = l.item
)
