-- purpose: under which unit a unit stood and what it was called
-- grain:   one row per unit, stretch of days and stretch of recorded time
-- reads:   unit_edges, unit_moments
--
-- Here unit_edges has moments in the place of units. "From ever" is 1900 here: readers
-- of Parquet take older days for those of another calendar.
WITH known AS (
    SELECT
        m.unit_id, m.moment, m.recorded_from, m.recorded_to, e.parent_id, e.name,
        greatest(e.from_day, DATE '1900-01-01') AS valid_from,
        CASE WHEN e.to_day = DATE '9999-12-31' THEN e.to_day ELSE e.to_day + 1 END
            AS valid_to
    FROM unit_edges AS e
    JOIN unit_moments AS m ON m.moment = e.unit_id
),

numbered AS (
    SELECT *, moment - row_number() OVER (
        PARTITION BY unit_id, parent_id, name, valid_from, valid_to ORDER BY moment
    ) AS same
    FROM known
    WHERE valid_from < valid_to
)

SELECT unit_id, parent_id, name, valid_from, valid_to,
    min(recorded_from) AS recorded_from, max(recorded_to) AS recorded_to
FROM numbered
GROUP BY unit_id, parent_id, name, valid_from, valid_to, same
