"""Structured logs on stderr, the standard library's included, with every known secret blacked out."""

import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmanac.errors import redact

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_MASK = "********"
_QUIET = {
    "uvicorn.error": logging.WARNING,
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
    "alembic": logging.WARNING,
}
_MIN_SECRET_CHARACTERS = 4


def configure_logs(log_format: str, level: str, secrets: Iterable[str]) -> None:
    """Set up logging for this process; called once, by the assembly."""
    import structlog  # noqa: PLC0415  a tenth of a command's time, with all that it draws in

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask(tuple(secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARACTERS)),
    ]
    show: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, show]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))


class _FirstLine(logging.Handler):
    """Sets up logging when there is something to log."""

    def __init__(self, log_format: str, level: str, secrets: Iterable[str]) -> None:
        super().__init__()
        self._given = log_format, level, secrets

    def emit(self, record: logging.LogRecord) -> None:
        configure_logs(*self._given)
        logging.getLogger().handle(record)


def configure_logs_when_needed(log_format: str, level: str, secrets: Iterable[str]) -> None:
    """As `configure_logs`, but at the first line of the standard library's logs: mostly a command logs nothing."""
    root = logging.getLogger()
    root.handlers[:] = [_FirstLine(log_format, level, secrets)]
    root.setLevel(level.upper())


def _mask(secrets: tuple[str, ...]) -> "Processor":
    def mask(value: object) -> object:
        if isinstance(value, str):
            for secret in secrets:
                value = value.replace(secret, _MASK)
            return redact(value)
        if isinstance(value, dict):
            return {key: mask(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [mask(inner) for inner in value]
        return value

    def processor(_: "WrappedLogger", __: str, event: "EventDict") -> "EventDict":
        return {key: mask(value) for key, value in event.items()}

    return processor
