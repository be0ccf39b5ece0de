-- purpose: under which unit a unit stood, from day to day
-- grain:   one row per unit and stretch of days with the same parent
-- reads:   hr_rows
--
-- A unit is described by the rows of its people; the latest by effective date holds. A
-- blank says nothing, so that one careless row does not tear the tree apart. Where rows
-- of one day disagree the one recorded last holds, of the same run the greater text:
-- never whose row it is, since who was made anonymous has another employee_id.
WITH named AS (
    SELECT
        org_unit_id AS unit_id,
        effective_date AS day,
        arg_max(org_parent_id, (recorded_at, org_parent_id)) AS parent_id,
        arg_max(org_unit_name, (recorded_at, org_unit_name)) AS name
    FROM hr_rows
    WHERE org_unit_id IS NOT NULL
    GROUP BY org_unit_id, effective_date
),

filled AS (
    SELECT unit_id, day,
        coalesce(
            last_value(parent_id IGNORE NULLS) OVER so_far,
            first_value(parent_id IGNORE NULLS) OVER ever
        ) AS parent_id,
        coalesce(
            last_value(name IGNORE NULLS) OVER so_far,
            first_value(name IGNORE NULLS) OVER ever
        ) AS name
    FROM named
    WINDOW
        so_far AS (PARTITION BY unit_id ORDER BY day),
        ever AS (PARTITION BY unit_id ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),

changes AS (
    SELECT * FROM filled
    WINDOW unit AS (PARTITION BY unit_id ORDER BY day)
    QUALIFY row_number() OVER unit = 1
        OR row(parent_id, name) IS DISTINCT FROM lag(row(parent_id, name)) OVER unit
)

SELECT
    unit_id,
    parent_id,
    name,
    -- What stood before the first row is not known otherwise: it holds from ever.
    CASE WHEN row_number() OVER unit = 1 THEN DATE '0001-01-01' ELSE day END AS from_day,
    coalesce(lead(day) OVER unit - 1, DATE '9999-12-31') AS to_day
FROM changes
WINDOW unit AS (PARTITION BY unit_id ORDER BY day)
