"""One line for each event: JSON, or easy reading on a terminal. Ids yes, names and addresses never."""

from __future__ import annotations

import json
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, TextIO

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter

_encode = msgspec.json.Encoder(enc_hook=str).encode
_LEVELS = {"warn": "warning", "exception": "error"}
_present: list[TextIO] = []  # where lines go: a stream that nobody holds closes, and its bytes with it


def configure(*, cache: bool = True, to: TextIO | None = None) -> None:
    """`cache`: loggers keep this configuration once used; tests change it, so they do not. to: standard error unless given."""
    stream = to or sys.stderr
    _present[:] = [stream]
    pretty = stream.isatty()
    # A line is one write of bytes: `print` makes several, and each costs more than making the line.
    plain: BinaryIO | None = None if pretty else getattr(stream, "buffer", None)
    structlog.configure(
        processors=[_line]
        if plain
        else [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if pretty else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(serializer=json.dumps),
        ],
        logger_factory=structlog.BytesLoggerFactory(plain) if plain else structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=cache,
    )


def _line(logger: object, level: str, event: MutableMapping[str, Any]) -> bytes:
    """What structlog's own processors make of an event one after the other, in one step: it is on the way of every request."""
    structlog.contextvars.merge_contextvars(logger, level, event)
    event["level"] = _LEVELS.get(level, level)
    event["timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    if "exc_info" in event:
        structlog.processors.format_exc_info(logger, level, event)
    return _as_bytes(event)


def _as_bytes(event: MutableMapping[str, Any]) -> bytes:
    try:
        return _encode(event)
    except UnicodeEncodeError:  # half a character in somebody's bytes must not lose the line
        return json.dumps(event, default=str).encode()


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
