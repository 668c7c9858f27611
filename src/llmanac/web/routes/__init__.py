"""Thin: read the request, ask `answers`, write the response."""
