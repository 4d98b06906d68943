"""Followers, against logs that grow in other threads and processes."""
