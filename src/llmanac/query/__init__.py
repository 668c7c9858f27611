"""What can be asked: one table of fields, and reading a question by it."""
