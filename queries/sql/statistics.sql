-- How many resources, links, values and entries there are.
SELECT
    (SELECT count(*) FROM node WHERE document IS NOT NULL) AS resources,
    (SELECT count(*) FROM link) AS links,
    (SELECT count(*) FROM value) AS "values",
    (SELECT count(*) FROM entry) AS entries
