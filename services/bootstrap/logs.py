"""Logs: one line of JSON an event, without the characters that forge lines."""

import logging
import sys
from typing import Any

import structlog

from services.kernel.text import visible


def _safe(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {
        key: visible(value) if isinstance(value, str) else value for key, value in event.items()
    }


def configure(level: str, component: str) -> None:
    """Send everything that is logged to standard error, as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _safe,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    structlog.contextvars.bind_contextvars(component=component)
    for quiet in ("httpx", "httpcore", "alembic", "asyncio"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
