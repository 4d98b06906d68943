"""GraphQL as clients meet it: real requests, real sockets, a real record."""
