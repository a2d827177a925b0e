"""One line for each event: JSON, or easy reading on a terminal. Ids yes, names and addresses never."""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO, TextIO

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter

_encode = msgspec.json.Encoder(enc_hook=str).encode
_present: list[TextIO] = []  # where lines go: a stream that nobody holds closes, and its bytes with it


def configure(*, cache: bool = True, to: TextIO | None = None) -> None:
    """`cache`: loggers keep this configuration once used; tests change it, so they do not. to: standard error unless given."""
    stream = to or sys.stderr
    _present[:] = [stream]
    pretty = stream.isatty()
    # A line is one write of bytes: `print` makes several, and each costs more than making the line.
    plain: BinaryIO | None = None if pretty else getattr(stream, "buffer", None)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if pretty else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer()
            if pretty
            else structlog.processors.JSONRenderer(serializer=_as_bytes if plain else json.dumps),
        ],
        logger_factory=structlog.BytesLoggerFactory(plain) if plain else structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=cache,
    )


def _as_bytes(event: dict[str, Any], **_for_json: Any) -> bytes:
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
