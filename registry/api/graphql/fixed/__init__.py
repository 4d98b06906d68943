"""The fixed half of the schema: its types, inputs and resolvers, the same for every model. Nothing of HTTP is here."""
