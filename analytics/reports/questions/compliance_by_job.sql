-- purpose: How do the people of each job stand?
-- grain:   one row per job code; the last one is of those without any
-- reads:   tallies, rates
--
-- job_title is the one that most of them have.
WITH grouped AS (SELECT job_code AS group_id, * FROM tallies),

titles AS (
    SELECT job_code, job_title FROM tallies
    WHERE job_title IS NOT NULL
    GROUP BY job_code, job_title
    QUALIFY row_number() OVER (
        PARTITION BY job_code ORDER BY count(*) DESC, job_title
    ) = 1
)

SELECT r.group_id AS job_code, t.job_title, r.* EXCLUDE (group_id)
FROM rates('grouped') AS r
LEFT JOIN titles AS t ON t.job_code IS NOT DISTINCT FROM r.group_id
ORDER BY job_code NULLS LAST
