"""The nouns: frozen, pure, and knowing nothing of settings, HTTP or SQL."""
