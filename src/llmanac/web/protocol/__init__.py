"""HTTP by itself: negotiation, conditions, refusals, credentials, logs, and the server's own protocol."""
