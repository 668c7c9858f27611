"""What a workload costs: exact, line by line, with what is not known."""
