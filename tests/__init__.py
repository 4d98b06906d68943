"""Proof, against real files, real servers and real data."""
