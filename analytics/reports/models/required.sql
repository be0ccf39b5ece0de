-- purpose: the version of each requirement that is in force on $as_of
-- grain:   one row per requirement
-- reads:   requirements
SELECT * FROM requirements
WHERE version_from <= $as_of AND effective_from <= $as_of
QUALIFY row_number() OVER (
    PARTITION BY code ORDER BY version_from DESC, version DESC
) = 1
