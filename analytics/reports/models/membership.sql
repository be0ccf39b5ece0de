-- purpose: who is in the audience of which requirement on $as_of, and since when
-- grain:   one row per person and requirement
-- reads:   hr, employment, unit_closure, required
--
-- A stretch of membership is where the row in force, the employment, the unit's place
-- in the tree and the tenure all hold; stretches that touch are one.
WITH placed AS (
    SELECT
        r.code, h.employee_id, h.hire_date,
        greatest(
            h.from_day, s.from_day,
            CASE WHEN r.min_tenure_days > 0 THEN h.hire_date + r.min_tenure_days
                ELSE h.from_day END
        ) AS from_day,
        least(h.to_day, s.to_day) AS to_day,
        h.org_unit_id, r.org_units
    FROM required AS r
    JOIN hr AS h
        ON (len(r.job_codes) = 0 OR list_contains(r.job_codes, h.job_code))
        AND (len(r.locations) = 0 OR list_contains(r.locations, h.location_id))
        AND list_contains(r.worker_types, h.worker_type)
        AND (len(r.regulatory_classes) = 0
            OR list_has_any(r.regulatory_classes, coalesce(h.regulatory_classes, [])))
    JOIN employment AS s
        ON s.employee_id = h.employee_id
        AND s.from_day <= h.to_day AND h.from_day <= s.to_day
),

stretches AS (
    SELECT code, employee_id, from_day, to_day
    FROM placed
    WHERE len(org_units) = 0 AND from_day <= to_day
    UNION ALL
    SELECT p.code, p.employee_id,
        greatest(p.from_day, c.from_day), least(p.to_day, c.to_day)
    FROM placed AS p
    JOIN unit_closure AS c
        ON c.unit_id = p.org_unit_id AND list_contains(p.org_units, c.ancestor_id)
    WHERE greatest(p.from_day, c.from_day) <= least(p.to_day, c.to_day)
),

marked AS (
    SELECT m.code, m.employee_id, m.from_day, m.to_day,
        max(m.to_day) OVER (
            PARTITION BY m.code, m.employee_id ORDER BY m.from_day, m.to_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM stretches AS m
),

islands AS (
    SELECT k.code, k.employee_id, k.from_day, k.to_day,
        count_if(
            k.before IS NULL
            -- Days away from work, and nothing else, may lie between: see carry_over.
            OR (k.from_day > k.before + 1 AND NOT coalesce(
                k.from_day - k.before - 1 = back.days_away
                AND back.days_away <= r.carry_gap_days,
                false
            ))
        ) OVER (
            PARTITION BY k.code, k.employee_id ORDER BY k.from_day, k.to_day
        ) AS island
    FROM marked AS k
    JOIN required AS r USING (code)
    LEFT JOIN employment AS back
        ON back.employee_id = k.employee_id AND back.from_day = k.from_day
),

present AS (
    SELECT code, employee_id, min(from_day) AS entered,
        bool_or($as_of BETWEEN from_day AND to_day) AS is_member
    FROM islands
    GROUP BY code, employee_id, island
)

SELECT code, employee_id, entered
FROM present
WHERE is_member
