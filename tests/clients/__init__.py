"""Clients of others, unmodified, against a served registry: what they stumble over is ours to mend."""
