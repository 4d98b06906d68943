"""Results of validation, and how reports and shapes are written down. Words for people live in domain/reports."""
