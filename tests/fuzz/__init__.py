"""Twenty thousand hostile requests with a fixed seed against a served registry: no 500, no traceback, no hang."""
