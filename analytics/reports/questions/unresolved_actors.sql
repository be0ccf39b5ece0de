-- purpose: Which actors of Statements does no HR row name, or more than one?
-- grain:   one row per actor
-- reads:   latest_facts, voids, actors
--
-- would_resolve says what somebody could do about it: of the newest Statement, as the
-- facts tell why (identity_reason).
WITH waiting AS (
    SELECT
        any_value(a.ifi) AS actor,
        coalesce(f.actor_kind, 'anonymous') AS actor_kind,
        arg_max(f.identity_method, f.stored) AS reason,
        count(*) AS statements,
        min(f.timestamp) AS first_timestamp,
        max(f.timestamp) AS last_timestamp,
        arg_max(f.statement_id, f.stored) AS newest_statement_id,
        arg_max(f.identity_reason, f.stored) AS why
    FROM latest_facts AS f
    LEFT JOIN actors AS a USING (actor_id)
    WHERE f.person_id IS NULL AND f.local_date <= $as_of
        AND NOT EXISTS (
            SELECT 1 FROM voids AS v
            WHERE v.statement_id = f.statement_id AND v.recorded_at <= $known_at
        )
        -- Nobody's unit is known here: only a caller for the whole company sees them.
        AND $unit IS NULL AND $scope_unit IS NULL
    GROUP BY f.actor_id, actor_kind
)

SELECT * EXCLUDE (why),
    CASE
        WHEN reason = 'ambiguous' THEN 'claimed by ' || coalesce(
            split_part(why, ': ', 1) || ' people from the same day: '
                || split_part(why, ': ', 2),
            'several people from the same day'
        ) || '; take it from all but one, merge them, or link it'
        WHEN actor_kind = 'anonymous'
            THEN 'nothing: a Group without an identifier is nobody'
        WHEN why = 'domain' THEN 'its domain is not of those who list it: list the '
            || 'address in the email column of one of whom it is, or link it'
        WHEN why LIKE 'no_employee %' THEN 'employee_id '
            || substr(why, length('no_employee ') + 1)
            || ' is in no HR row: deliver it, or link the account'
        WHEN actor_kind = 'account' AND why = 'unmapped'
            THEN 'homePage ' || split_part(actor, ' ', 2) || ' is not mapped: add it to '
                || 'the identity file, or list the account in identities of one person'
        WHEN actor_kind = 'account'
            THEN 'list this account in the identities column of one person, or link it'
        WHEN actor_kind = 'mbox'
            THEN 'list this address in the email column of one person, or link it'
        WHEN actor_kind = 'mbox_sha1sum' THEN 'list the address of this hash, or '
            || 'sha1:<hash> in the identities column, of one person, or link it'
        ELSE 'list openid:<IRI> in the identities column of one person, or link it'
    END AS would_resolve
FROM waiting
ORDER BY statements DESC, actor
