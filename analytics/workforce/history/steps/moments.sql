-- purpose: the states of knowledge about each person, numbered in their order
-- grain:   one row per person and recorded time at which something of them was said
-- reads:   recorded
--
-- The numbers of a person's moments follow each other without a gap: what lasted from
-- one to the next is found by counting.
SELECT
    row_number() OVER (ORDER BY employee_id, recorded_at) AS moment,
    employee_id,
    recorded_at AS recorded_from,
    lead(recorded_at, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
        PARTITION BY employee_id ORDER BY recorded_at
    ) AS recorded_to
FROM (SELECT DISTINCT employee_id, recorded_at FROM recorded)
