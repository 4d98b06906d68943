"""Subscriptions on their way to clients: shared, executed once, queued for each. Fields are in fixed and typed."""
