-- purpose: under which manager a person stood
-- grain:   one row per person, unbroken stretch under a manager and of recorded time
-- reads:   unbroken
--
-- The primary manager is the manager_id of the row in force.
SELECT employee_id, manager_id, valid_from, valid_to, recorded_from, recorded_to
FROM unbroken
WHERE noun = 'manager'
