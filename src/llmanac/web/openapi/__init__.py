"""What the routes say of themselves."""
