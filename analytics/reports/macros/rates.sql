-- purpose: the figures of groups of people: counts of each status and the rates
-- grain:   one row per group_id of the rows given
-- takes:   tallies
--
-- rates('grouped'): a table or a step of a query with the columns of tallies and a
-- group_id; a person stands once in a group.
-- strict_rate = (compliant + expiring) / pairs that are neither exempt nor on leave;
-- due_rate the same over the pairs whose due date has passed; on_time_rate = of those
-- pairs, the ones that were done for the first time by their due date, valid still or
-- not. rate_low and rate_high are the Wilson interval (95 %) of strict_rate; null where
-- there is nothing to count.
CREATE OR REPLACE TEMP MACRO wilson_low(good, n) AS
    CASE WHEN n > 0 THEN greatest(0, (
        good + 1.9207294 - 1.959964 * sqrt(good * (n - good) / n + 0.9603647)
    ) / (n + 3.8414588)) END;

CREATE OR REPLACE TEMP MACRO wilson_high(good, n) AS
    CASE WHEN n > 0 THEN least(1, (
        good + 1.9207294 + 1.959964 * sqrt(good * (n - good) / n + 0.9603647)
    ) / (n + 3.8414588)) END;

CREATE OR REPLACE TEMP MACRO rates(grouped) AS TABLE
WITH summed AS (
    SELECT
        group_id,
        count(*) AS people,
        count(*) FILTER (applicable > 0 AND good = applicable) AS fully_compliant_people,
        sum(pairs)::BIGINT AS pairs,
        sum(compliant)::BIGINT AS compliant,
        sum(expiring)::BIGINT AS expiring,
        sum(grace)::BIGINT AS grace,
        sum(in_progress)::BIGINT AS in_progress,
        sum(not_started)::BIGINT AS not_started,
        sum(overdue)::BIGINT AS overdue,
        sum(expired)::BIGINT AS expired,
        sum(on_leave)::BIGINT AS on_leave,
        sum(exempt)::BIGINT AS exempt,
        sum(applicable)::BIGINT AS applicable,
        sum(good)::BIGINT AS good,
        sum(due)::BIGINT AS due,
        sum(good_due)::BIGINT AS good_due,
        sum(due_on_time)::BIGINT AS due_on_time
    FROM query_table(grouped)
    GROUP BY group_id
)

SELECT
    * EXCLUDE (applicable, good, due, good_due, due_on_time),
    good / nullif(applicable, 0) AS strict_rate,
    wilson_low(good, applicable) AS rate_low,
    wilson_high(good, applicable) AS rate_high,
    good_due / nullif(due, 0) AS due_rate,
    due_on_time / nullif(due, 0) AS on_time_rate
FROM summed;
