"""Programs that use real clients, each run in an environment of its own."""
