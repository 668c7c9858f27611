"""The only place with SQL: one schema for SQLite and PostgreSQL."""
