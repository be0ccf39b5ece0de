-- purpose: who is employed on $as_of, of those that this call may see and asks for
-- grain:   one row per person
-- reads:   asked_people
SELECT * FROM asked_people WHERE employed
