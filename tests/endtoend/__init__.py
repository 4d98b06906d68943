"""The product as its users meet it: commands, a port, and clients that others wrote."""
