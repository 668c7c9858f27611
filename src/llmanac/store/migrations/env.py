"""Run by Alembic: migrate on the connection that `migrate` hands over, inside its transaction."""

from alembic import context

from llmanac.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,
)
context.run_migrations()
