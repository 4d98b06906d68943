"""Files in and out, with buildings that nobody here made."""
