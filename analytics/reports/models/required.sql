-- purpose: the version of each requirement that is in force on $as_of
-- grain:   one row per requirement
-- reads:   requirements
WITH in_force AS (
    SELECT * FROM requirements
    WHERE version_from <= $as_of AND effective_from <= $as_of
        AND $as_of <= coalesce(effective_to, DATE '9999-12-31')
    QUALIFY row_number() OVER (
        PARTITION BY code ORDER BY version_from DESC, version DESC
    ) = 1
),

-- A curriculum asks for the items that are in force; while none is, it asks for nothing.
curricula AS (
    SELECT c.code, list(i.code ORDER BY i.code) AS items,
        list_sort(list_distinct(flatten(list(i.activities)))) AS activities
    FROM in_force AS c
    JOIN in_force AS i ON list_contains(c.items, i.code)
    GROUP BY c.code
)

SELECT r.* REPLACE (
    coalesce(c.items, []) AS items,
    coalesce(c.activities, r.activities) AS activities
)
FROM in_force AS r
LEFT JOIN curricula AS c USING (code)
WHERE len(r.items) = 0 OR c.code IS NOT NULL
