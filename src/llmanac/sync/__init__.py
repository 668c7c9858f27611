"""Keeping the list: the pipeline, the guard, the schedule, and the one variable that holds the Catalogue."""
