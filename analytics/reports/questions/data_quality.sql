-- purpose: How good is the data: identities, HR fields, managers, units, sources, ages?
-- grain:   one row per figure: an area and an item of it
-- reads:   staff, present, manager_closure, units, unit_edges, scope, latest_facts, voids, imports
--
-- found of of_total is what the item counts, share the one by the other. Fill rates
-- (hr_fields) are good when high, all others when low. Statements and sources are of the
-- whole company: only a caller for all of it sees them, and who asks for no part of it.
WITH whole AS (
    SELECT 1 WHERE $unit IS NULL AND $scope_unit IS NULL AND $person IS NULL
        AND $location IS NULL AND $job IS NULL AND $manager IS NULL
        AND $worker_type IS NULL
),

at_work AS (SELECT employee_id FROM present WHERE employed),

circles AS (
    SELECT employee_id FROM staff WHERE manager_id = employee_id
    UNION
    SELECT c.employee_id
    FROM manager_closure AS c
    JOIN present AS m ON m.employee_id = c.manager_id
    WHERE m.manager_id = c.employee_id
),

people AS (
    SELECT count(*) AS of_total,
        count(*) FILTER (stated_manager_id IS NULL) AS without_manager,
        count(*) FILTER (
            stated_manager_id IS NOT NULL
            AND stated_manager_id NOT IN (SELECT employee_id FROM present)
        ) AS manager_in_no_row,
        count(*) FILTER (
            stated_manager_id IN (SELECT employee_id FROM present)
            AND stated_manager_id NOT IN (SELECT employee_id FROM at_work)
        ) AS manager_not_employed,
        count(*) FILTER (
            employee_id IN (SELECT employee_id FROM circles)
        ) AS manager_in_a_circle,
        count(*) FILTER (location_id IS NULL) AS without_location,
        count(*) FILTER (location_time_zone IS NULL) AS without_time_zone,
        count(*) FILTER (len(coalesce(identifiers, [])) = 0) AS without_identifier
    FROM staff
),

unplaced AS (
    SELECT count(*) AS of_total,
        count(*) FILTER (org_unit_id IS NULL) AS without_unit
    FROM present
    WHERE employed
),

fields AS (
    SELECT count(*) AS of_total,
        count(job_code) AS job_code,
        count(job_title) AS job_title,
        count(job_level) AS job_level,
        count(location_id) AS location_id,
        count(location_time_zone) AS location_time_zone,
        count(stated_manager_id) AS manager_id,
        count(cost_center_id) AS cost_center_id,
        count(fte) AS fte,
        count(original_hire_date) AS original_hire_date,
        count(*) FILTER (len(regulatory_classes) > 0) AS regulatory_classes,
        count(*) FILTER (len(identifiers) > 0) AS identifiers
    FROM staff
),

-- Of the units in the area that somebody is employed in, or below.
peopled AS (
    SELECT u.unit_id, u.parent_id, e.name
    FROM units AS u
    JOIN scope USING (unit_id)
    LEFT JOIN unit_edges AS e
        ON e.unit_id = u.unit_id AND $as_of BETWEEN e.from_day AND e.to_day
    WHERE EXISTS (SELECT 1 FROM staff)
),

shape AS (
    SELECT count(*) AS of_total,
        count(*) FILTER (parent_id IS NULL) AS without_parent,
        count(*) FILTER (name IS NULL) AS without_name
    FROM peopled
),

-- Of all Statements up to the day, how many are alike: each is looked at once.
counted AS (
    SELECT v.statement_id IS NOT NULL AS is_voided,
        f.person_id IS NULL AS is_unresolved,
        f.person_id IS NOT NULL AND f.org_unit_id IS NULL AS is_without_row,
        f.actor_kind, f.identity_method,
        split_part(f.identity_reason, ' ', 1) AS why,
        count(*) AS found, max(f.stored) AS newest
    FROM latest_facts AS f
    LEFT JOIN (
        SELECT DISTINCT statement_id FROM voids WHERE recorded_at <= $known_at
    ) AS v ON v.statement_id = f.statement_id
    WHERE f.local_date <= $as_of
        AND $unit IS NULL AND $scope_unit IS NULL AND $person IS NULL
        AND $location IS NULL AND $job IS NULL AND $manager IS NULL
        AND $worker_type IS NULL
    GROUP BY ALL
),

statements AS (
    SELECT coalesce(sum(found), 0)::BIGINT AS of_total,
        coalesce(sum(found) FILTER (is_voided), 0)::BIGINT AS voided,
        coalesce(sum(found) FILTER (is_unresolved AND NOT is_voided), 0)::BIGINT
            AS unresolved,
        coalesce(sum(found) FILTER (is_without_row AND NOT is_voided), 0)::BIGINT
            AS without_hr_row_of_the_day
    FROM counted
),

kinds AS (
    SELECT 'unresolved: ' || coalesce(actor_kind, 'anonymous') || ', '
            || CASE WHEN identity_method = 'ambiguous' THEN 'ambiguous'
                ELSE coalesce(why, 'unknown') END AS item,
        sum(found)::BIGINT AS found
    FROM counted
    WHERE is_unresolved AND NOT is_voided
    GROUP BY item
),

sources AS (
    SELECT source, kind,
        arg_max(set_aside, recorded_at) FILTER (state = 'applied') AS set_aside,
        arg_max(source_rows, recorded_at) FILTER (state = 'applied') AS source_rows,
        max(recorded_at) FILTER (state = 'applied') AS applied_at,
        max(recorded_at) FILTER (state <> 'applied') AS failed_at
    FROM imports
    GROUP BY source, kind
),

listed AS (
    SELECT 1 AS place, 'statements' AS area, item, found, of_total, NULL::TIMESTAMPTZ AS latest_at
    FROM (
        UNPIVOT statements ON voided, unresolved, without_hr_row_of_the_day
        INTO NAME item VALUE found
    ), whole
    UNION ALL
    SELECT 2, 'statements', k.item, k.found, s.of_total, NULL
    FROM kinds AS k, statements AS s, whole
    UNION ALL
    SELECT 3, 'people', item, found, of_total, NULL
    FROM (
        UNPIVOT people ON without_manager, manager_in_no_row, manager_not_employed,
            manager_in_a_circle, without_location, without_time_zone, without_identifier
        INTO NAME item VALUE found
    )
    UNION ALL
    SELECT 3, 'people', 'without_unit', without_unit, of_total, NULL
    FROM unplaced, whole
    UNION ALL
    SELECT 4, 'units', item, found, of_total, NULL
    FROM (UNPIVOT shape ON without_parent, without_name INTO NAME item VALUE found)
    UNION ALL
    SELECT 5, 'hr_fields', item, found, of_total, NULL
    FROM (
        UNPIVOT fields ON job_code, job_title, job_level, location_id,
            location_time_zone, manager_id, cost_center_id, fte, original_hire_date,
            regulatory_classes, identifiers
        INTO NAME item VALUE found
    )
    UNION ALL
    SELECT 6, 'sources', kind || ' of ' || source || ': set aside',
        coalesce(set_aside, 0), source_rows, applied_at
    FROM sources, whole
    UNION ALL
    SELECT 7, 'sources', kind || ' of ' || source || ': failed since', 1, NULL, failed_at
    FROM sources, whole
    WHERE failed_at > coalesce(applied_at, TIMESTAMPTZ '0001-01-01 00:00:00Z')
    UNION ALL
    SELECT 8, 'sources', 'newest Statement', NULL, NULL, max(newest) FROM counted, whole
    HAVING count(*) > 0
)

SELECT area, item, found, of_total, found / nullif(of_total, 0) AS share, latest_at,
    (epoch($known_at::TIMESTAMPTZ) - epoch(latest_at)) / 86400 AS age_days
FROM listed
WHERE of_total > 0 OR latest_at IS NOT NULL
ORDER BY place, item
