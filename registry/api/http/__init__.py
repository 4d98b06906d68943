"""Routes outside GraphQL and what stands before every route. Decisions live in services."""
