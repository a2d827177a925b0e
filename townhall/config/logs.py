"""One line for each event: JSON, or easy reading on a terminal. Ids yes, names and addresses never."""

from __future__ import annotations

import sys
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter


def configure(*, cache: bool = True, to: TextIO | None = None) -> None:
    """`cache`: loggers keep this configuration once used; tests change it, so they do not. to: standard error unless given."""
    stream = to or sys.stderr
    pretty = stream.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if pretty else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=cache,
    )


def formatter() -> ProcessorFormatter:
    """What Django itself reports, an error while a page was made above all, as lines like ours."""
    return ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )
