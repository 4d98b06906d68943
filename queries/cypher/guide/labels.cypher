// How many nodes have which label.
MATCH (n:_Node)
UNWIND labels(n) AS label
WITH label, count(*) AS nodes WHERE label <> '_Node'
RETURN label, nodes ORDER BY nodes DESC
