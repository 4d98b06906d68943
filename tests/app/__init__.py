"""The registry put together: its capabilities and its public Python API."""
