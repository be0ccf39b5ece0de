-- purpose: What does an audience name that HR never said of anybody?
-- grain:   one row per requirement, key of its audience and name
-- reads:   requirements, hr_rows, unit_closure
WITH named AS (
    SELECT code, 'org_unit' AS key, unnest(org_units) AS name FROM requirements
    UNION SELECT code, 'job_code', unnest(job_codes) FROM requirements
    UNION SELECT code, 'location', unnest(locations) FROM requirements
    UNION SELECT code, 'regulatory_class', unnest(regulatory_classes) FROM requirements
),

known AS (
    SELECT 'org_unit' AS key, unit_id AS name FROM unit_closure
    UNION SELECT 'job_code', job_code FROM hr_rows
    UNION SELECT 'location', location_id FROM hr_rows
    UNION SELECT 'regulatory_class', unnest(regulatory_classes) FROM hr_rows
)

SELECT n.code AS requirement, n.key, n.name
FROM named AS n
WHERE NOT EXISTS (SELECT 1 FROM known AS k WHERE k.key = n.key AND k.name = n.name)
ORDER BY ALL
