-- purpose: Which actors of Statements does no HR row name, or more than one?
-- grain:   one row per actor
-- reads:   facts, voids, actors
WITH latest AS (
    SELECT * FROM facts
    WHERE recorded_at <= $known_at
    QUALIFY row_number() OVER (
        PARTITION BY statement_id ORDER BY recorded_at DESC
    ) = 1
)

SELECT
    any_value(a.ifi) AS actor,
    coalesce(f.actor_kind, 'anonymous') AS actor_kind,
    arg_max(f.identity_method, f.stored) AS reason,
    count(*) AS statements,
    min(f.timestamp) AS first_timestamp,
    max(f.timestamp) AS last_timestamp,
    arg_max(f.statement_id, f.stored) AS newest_statement_id
FROM latest AS f
LEFT JOIN actors AS a USING (actor_id)
WHERE f.person_id IS NULL AND f.local_date <= $as_of
    AND NOT EXISTS (
        SELECT 1 FROM voids AS v
        WHERE v.statement_id = f.statement_id AND v.recorded_at <= $known_at
    )
    -- Nobody's unit is known here: only a caller for the whole company sees them.
    AND $unit IS NULL AND $scope_unit IS NULL
GROUP BY f.actor_id, actor_kind
ORDER BY statements DESC, actor
