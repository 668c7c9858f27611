"""Nouns → bytes, a file per shape."""
