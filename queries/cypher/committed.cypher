// Whether the entry at a position is that of a group, which tells what became of a commit that nobody answered.
MATCH (e:_Entry {position: $position})
RETURN e.group = $group
