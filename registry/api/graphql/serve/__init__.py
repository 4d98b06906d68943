"""GraphQL over HTTP, server-sent events and WebSockets: requests in, answers out. No field of the schema lives here."""
