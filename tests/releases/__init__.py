"""Releases: from model files to what decides writes."""
