// What is part of what, from the whole down to five levels.
MATCH path = (part)-[:${partOf}|${directPartOf}*1..5]->(whole)
WHERE NOT (whole)-[:${partOf}|${directPartOf}]->()
RETURN path LIMIT 300
