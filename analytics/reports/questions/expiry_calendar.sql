-- purpose: On which days does how much training run out?
-- grain:   one row per day on which something that is EXPIRING within $days runs out
-- reads:   status
SELECT
    expires_at,
    expires_at - $as_of AS days_left,
    count(*) AS pairs,
    count(DISTINCT employee_id) AS people,
    list(DISTINCT code ORDER BY code) AS requirements
FROM status
WHERE status = 'EXPIRING' AND expires_at - $as_of <= $days
GROUP BY expires_at
ORDER BY expires_at
