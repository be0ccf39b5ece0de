-- Purpose: what the rules and the decisions say of actors and employees, and when they
--          were known to say so.
-- Reads:   known_actors the IFIs in question
--          mappings, strips, domains what the rules of each time say of homePages,
--                    of plus-tags and of whose a domain's addresses are
--          decisions links, merges and undos recorded so far
-- Makes:   lookups   one row per actor and further id that it is looked up by: the ids
--                    of the least rank at which anybody claims it decide
--          authorities one row per actor with an address of such a domain
--          links     one row per link, while nobody has undone it
--          ancestry  one row per employee and person they were merged into, directly or
--                    not; the deepest in force at a time is who they were then
--          kin       one row per employee and other that any merge ever made one person
CREATE TEMP TABLE mapped AS
WITH accounts AS (
    SELECT actor_id, split_part(ifi, ' ', 2) AS home_page,
        substr(ifi, length('account ') + length(home_page) + 2) AS name
    FROM known_actors
    WHERE ifi LIKE 'account %'
)

SELECT a.actor_id, m.*, CASE WHEN m.fold THEN lower(a.name) ELSE a.name END AS cased,
    CASE WHEN m.prefix <> '' AND starts_with(cased, m.prefix)
        THEN substr(cased, length(m.prefix) + 1) ELSE cased END AS headless,
    CASE WHEN m.suffix <> '' AND ends_with(headless, m.suffix)
        THEN left(headless, length(headless) - length(m.suffix))
        ELSE headless END AS bare
FROM accounts AS a JOIN mappings AS m USING (home_page);

CREATE TEMP TABLE addresses AS
SELECT actor_id, lower(substr(ifi, length('mbox ') + 1)) AS mbox, 'mbox' AS method,
    1 AS rank, NULL::TIMESTAMPTZ AS known_from, NULL::TIMESTAMPTZ AS known_until
FROM known_actors
WHERE ifi LIKE 'mbox %'
UNION ALL
SELECT actor_id, 'mailto:' || lower(bare), 'account:email', 2, known_from, known_until
FROM mapped
WHERE scheme = 'email';

CREATE TEMP TABLE authorities AS
SELECT a.actor_id, d.worker_types,
    greatest(a.known_from, d.known_from) AS known_from,
    least(a.known_until, d.known_until) AS known_until
FROM addresses AS a
JOIN domains AS d
    ON d.domain = split_part(a.mbox, '@', -1)
    AND coalesce(d.known_from < a.known_until, true)
    AND coalesce(a.known_from < d.known_until, true);

CREATE TEMP TABLE lookups AS
WITH untagged AS (
    SELECT a.* EXCLUDE (known_from, known_until),
        regexp_replace(a.mbox, '^(mailto:[^+@]+)[+][^@]*@', '\1@') AS plain,
        greatest(a.known_from, s.known_from) AS known_from,
        least(a.known_until, s.known_until) AS known_until
    FROM addresses AS a
    JOIN strips AS s
        ON coalesce(s.known_from < a.known_until, true)
        AND coalesce(a.known_from < s.known_until, true)
)

SELECT actor_id, sha256('mbox ' || mbox) AS lookup_id, method, rank,
    NULL AS employee_id, known_from, known_until
FROM addresses
WHERE method <> 'mbox'
UNION ALL
SELECT actor_id, sha256('mbox_sha1sum ' || sha1(mbox)),
    CASE method WHEN 'mbox' THEN 'mbox:sha1sum' ELSE method END, rank + 1,
    NULL, known_from, known_until
FROM addresses
UNION ALL
SELECT actor_id, unnest([sha256('mbox ' || plain), sha256('plain ' || plain)]),
    CASE method WHEN 'mbox' THEN 'mbox:plus_tag' ELSE method END, rank + 2,
    NULL, known_from, known_until
FROM untagged
UNION ALL
SELECT actor_id,
    CASE scheme
        WHEN 'home_page' THEN sha256('account ' || same_as || ' ' || bare)
        ELSE sha256(CASE WHEN fold THEN 'folded ' ELSE 'employee ' END || bare)
    END,
    'account:' || scheme, 2, CASE scheme WHEN 'employee_id' THEN bare END,
    known_from, known_until
FROM mapped
WHERE scheme <> 'email';

CREATE TEMP TABLE standing AS
SELECT d.* EXCLUDE (recorded_at), d.recorded_at AS known_from,
    u.recorded_at AS known_until
FROM decisions AS d
LEFT JOIN decisions AS u ON u.kind = 'undo' AND u.undoes = d.decision
WHERE d.kind IN ('link', 'merge');

CREATE TEMP TABLE links AS
SELECT decision, actor_id, employee_id, known_from, known_until
FROM standing
WHERE kind = 'link';

CREATE TEMP TABLE ancestry AS
WITH RECURSIVE above AS (
    SELECT employee_id, into_id AS survivor_id, 1 AS depth, [employee_id] AS path,
        known_from, known_until
    FROM standing
    WHERE kind = 'merge'
    UNION ALL
    SELECT a.employee_id, s.into_id, a.depth + 1, list_append(a.path, a.survivor_id),
        greatest(a.known_from, s.known_from), least(a.known_until, s.known_until)
    FROM above AS a
    JOIN standing AS s
        ON s.kind = 'merge' AND s.employee_id = a.survivor_id
        AND coalesce(s.known_from < a.known_until, true)
        AND coalesce(a.known_from < s.known_until, true)
    WHERE NOT list_contains(a.path, s.into_id)  -- a circle cannot be decided
)

SELECT * EXCLUDE (path) FROM above;

CREATE TEMP TABLE kin AS
WITH RECURSIVE edges AS (
    SELECT employee_id, into_id AS kin_id FROM standing WHERE kind = 'merge'
    UNION
    SELECT into_id, employee_id FROM standing WHERE kind = 'merge'
),

reached AS (
    SELECT employee_id, kin_id FROM edges
    UNION
    SELECT r.employee_id, e.kin_id
    FROM reached AS r JOIN edges AS e ON e.employee_id = r.kin_id
)

SELECT employee_id, kin_id FROM reached WHERE employee_id <> kin_id;
