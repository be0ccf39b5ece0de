-- purpose: How did the figures move from month to month, and when was there a reorganisation?
-- grain:   one row per month: as of its last day, in the last one as of the day asked for
-- reads:   tallies_at, reorganisations, rates
-- asked:   at the end of each month
--
-- Every point is as known at the same known_at, of the people who were in the area then.
-- A step in a month with a reorganisation may be one of who is counted: reorganised says
-- what happened since the point before.
WITH grouped AS (SELECT day AS group_id, * EXCLUDE (day) FROM tallies_at),

marks AS (
    SELECT day,
        count(*) FILTER (change = 'appeared') AS units_appeared,
        count(*) FILTER (change = 'went') AS units_gone,
        count(*) FILTER (change = 'moved') AS units_moved,
        string_agg(
            CASE change
                WHEN 'moved' THEN unit_id || ' moved from '
                    || coalesce(from_parent_id, 'the top') || ' to '
                    || coalesce(to_parent_id, 'the top')
                ELSE unit_id || ' ' || change
            END, '; ' ORDER BY unit_id
        ) AS reorganised
    FROM reorganisations
    GROUP BY day
)

SELECT r.group_id AS as_of, r.* EXCLUDE (group_id),
    coalesce(m.units_appeared, 0) AS units_appeared,
    coalesce(m.units_gone, 0) AS units_gone,
    coalesce(m.units_moved, 0) AS units_moved,
    m.reorganised
FROM rates('grouped') AS r
LEFT JOIN marks AS m ON m.day = r.group_id
ORDER BY as_of
