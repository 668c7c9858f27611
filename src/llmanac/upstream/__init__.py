"""The only place with OpenRouter's spelling: bytes in, nouns out."""
