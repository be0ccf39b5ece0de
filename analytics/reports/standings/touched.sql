-- purpose: whose standings may differ from the former ones
-- grain:   one row per employee_id or person_id
-- reads:   all_facts, all_workforce, all_people, voids, decisions, exemptions,
--          requirements; survivors, former_survivors, moved (units that stand elsewhere
--          under a unit that a requirement names), hr_rows (everybody's, where any unit
--          or merge changed; else nobody's); former_exemptions
--
-- What stands of a person depends on nothing else than: their own HR rows and names,
-- those of whom they were merged with, who their manager is after merges, where their
-- units stood below those that requirements name, their exemptions, and the Statements
-- that were ever taken for theirs, on the Activities of requirements.
WITH asked AS (SELECT DISTINCT unnest(activities) AS activity_id FROM requirements),

said AS (
    SELECT statement_id, person_id, recorded_at > stored AS again
    FROM all_facts
    WHERE recorded_at > getvariable('facts_after')
        AND recorded_at <= getvariable('facts_through')
        AND activity_id IN (FROM asked)
        -- What happened after the day does not bear on it, unless it was said before.
        AND (local_date <= getvariable('as_of') OR recorded_at > stored)
),

-- Statements of which something was said again: whoever they were taken for before.
again AS (
    SELECT statement_id FROM said WHERE again
    UNION
    SELECT statement_id FROM voids
    WHERE recorded_at > getvariable('voids_after')
        AND recorded_at <= getvariable('voids_through')
),

merged AS (
    SELECT * FROM (
        (FROM survivors EXCEPT FROM former_survivors)
        UNION ALL
        (FROM former_survivors EXCEPT FROM survivors)
    )
),

kin AS (SELECT employee_id FROM merged UNION SELECT survivor_id FROM merged),

changed AS (
    SELECT person_id AS employee_id FROM said
    UNION
    SELECT f.person_id FROM all_facts AS f
    WHERE f.statement_id IN (FROM again)
    UNION
    SELECT employee_id FROM all_workforce
    WHERE recorded_at > getvariable('workforce_after')
        AND recorded_at <= getvariable('workforce_through')
    UNION
    SELECT employee_id FROM all_people
    WHERE recorded_at > getvariable('people_after')
        AND recorded_at <= getvariable('people_through')
    UNION
    SELECT employee_id FROM (
        (FROM exemptions EXCEPT FROM former_exemptions)
        UNION ALL
        (FROM former_exemptions EXCEPT FROM exemptions)
    )
    UNION
    SELECT employee_id FROM kin
    UNION
    SELECT h.employee_id FROM hr_rows AS h
    WHERE h.org_unit_id IN (FROM moved) OR h.manager_id IN (FROM kin)
)

SELECT employee_id FROM changed WHERE employee_id IS NOT NULL
UNION
SELECT s.survivor_id FROM changed AS c JOIN survivors AS s USING (employee_id)
UNION
SELECT s.survivor_id FROM changed AS c JOIN former_survivors AS s USING (employee_id)
