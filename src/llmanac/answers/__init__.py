"""A question → a record: what every way of asking asks. Knows no HTTP, no coding and no terminal."""
