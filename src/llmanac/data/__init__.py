"""The bundled catalogue: facts and figures of one day, made by `make bundle`."""
