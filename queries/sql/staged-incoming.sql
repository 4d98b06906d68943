-- Who points at each of a list of resources and is not left out: pairs of subject and predicate, at most so many.
SELECT j.value, (
    SELECT json_group_array(json_array(subject, predicate))
    FROM (
        SELECT subject, predicate
        FROM staged
        WHERE object = j.value AND datatype = '' AND predicate <> :but AND subject NOT IN (SELECT iri FROM left_out)
        LIMIT :most
    )
)
FROM json_each(:objects) AS j
