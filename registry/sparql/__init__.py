"""SPARQL on a projection that follows the log: projection, worker processes, service. It never writes the record."""
