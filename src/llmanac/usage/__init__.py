"""Calls that were made, from files: what each counted, which model it meant, and what it cost at its time."""
