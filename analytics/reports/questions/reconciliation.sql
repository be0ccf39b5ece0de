-- purpose: What did each source deliver, and does what is held agree with it?
-- grain:   one row per run of a source, newest first
-- reads:   imports
--
-- source_rows is the sum of our_rows, set_aside and skipped. A sample of what was stored
-- is read back: differing are its rows that are not as the source said, in columns for
-- each column. people_only_ours: of a full delivery, whom it lacks (null: not known).
SELECT
    source,
    kind,
    mode,
    run,
    file,
    state,
    why,
    began,
    recorded_at,
    seconds,
    source_rows,
    our_rows,
    added,
    changed,
    unchanged,
    set_aside,
    skipped,
    missed,
    terminated,
    source_people,
    people_set_aside,
    people_only_ours,
    read_back,
    differing,
    columns,
    drift
FROM imports
-- A run is of the whole company: only a caller for all of it sees them. What was done by
-- when is a question to known_at; a day (as_of) of the company's asks nothing of a run.
WHERE $unit IS NULL AND $scope_unit IS NULL
ORDER BY began DESC, run
