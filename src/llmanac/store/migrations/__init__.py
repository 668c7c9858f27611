"""Alembic's environment and the numbered steps. A step that has shipped is never edited."""
