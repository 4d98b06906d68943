"""The fixed, generic half of the GraphQL schema."""
