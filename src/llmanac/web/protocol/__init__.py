"""HTTP by itself: connections within limits, negotiation, conditions, refusals, credentials, logs."""
