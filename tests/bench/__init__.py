"""Speed, beside a peer or a limit in the same run, because absolute figures drift on shared machines."""
