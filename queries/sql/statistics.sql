-- How many resources, links, statements and entries there are.
SELECT resources, links, statements, entries FROM total
