-- purpose: the states of knowledge about each unit, numbered in their order
-- grain:   one row per unit and recorded time at which what is said of it changed
-- reads:   unit_said, unit_known
WITH turns AS (
    SELECT unit_id, recorded_from AS turned_at FROM unit_said
    UNION SELECT unit_id, recorded_to FROM unit_said
    UNION SELECT unit_id, recorded_from FROM unit_known
    UNION SELECT unit_id, recorded_to FROM unit_known
)

SELECT
    row_number() OVER (ORDER BY unit_id, turned_at) AS moment,
    unit_id,
    turned_at AS recorded_from,
    lead(turned_at, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
        PARTITION BY unit_id ORDER BY turned_at
    ) AS recorded_to
FROM turns
WHERE turned_at < TIMESTAMPTZ '9999-12-31 00:00:00+00'
