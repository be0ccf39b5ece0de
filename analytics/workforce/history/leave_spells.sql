-- purpose: when a person was on leave
-- grain:   one row per person, unbroken leave within a spell and stretch of recorded time
-- reads:   unbroken
SELECT employee_id, spell, valid_from, valid_to, recorded_from, recorded_to
FROM unbroken
WHERE noun = 'leave'
