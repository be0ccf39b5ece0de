-- purpose: the units: name and parent
-- grain:   one row per unit, stretch of days and stretch of recorded time
-- reads:   unit_states
--
-- A unit is described by the rows of its people. What stood before the first of them is
-- not known otherwise: it holds from 1900 on.
SELECT unit_id, name, parent_id, valid_from, valid_to, recorded_from, recorded_to
FROM unit_states
