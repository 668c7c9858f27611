"""What changed: Snapshot × Snapshot → Changes."""
