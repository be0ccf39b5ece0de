-- purpose: About which Activities that are asked for was there never a Statement?
-- grain:   one row per requirement and Activity
-- reads:   requirements, facts
WITH named AS (
    SELECT DISTINCT code, unnest(activities) AS activity_id FROM requirements
)

SELECT n.code AS requirement, n.activity_id
FROM named AS n
WHERE NOT EXISTS (
    SELECT 1 FROM facts AS f
    WHERE f.activity_id = n.activity_id AND f.recorded_at <= $known_at
)
ORDER BY ALL
