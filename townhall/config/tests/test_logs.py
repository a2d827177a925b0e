from __future__ import annotations

import json
import logging
import sys

import pytest
from django.conf import settings
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from townhall.config.logs import formatter


def test_an_error_of_a_page_is_one_line_with_its_traceback() -> None:
    try:
        int("no number")
    except ValueError:
        record = logging.makeLogRecord(
            {
                "msg": "Internal Server Error: %s",
                "args": ("/services",),
                "levelname": "ERROR",
                "exc_info": sys.exc_info(),
            }
        )
    line = formatter().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told["event"] == "Internal Server Error: /services"
    assert told["level"] == "error"
    assert "ValueError: invalid literal" in told["exception"]


def test_errors_of_django_reach_standard_error() -> None:
    handlers = logging.getLogger("django").handlers
    assert [handler for handler in handlers if isinstance(handler.formatter, ProcessorFormatter)]


@pytest.mark.django_db
def test_health_is_answered_without_https(monkeypatch: pytest.MonkeyPatch) -> None:
    """A balancer asks from inside, without the proxy that ends https."""
    monkeypatch.setattr(settings, "SECURE_SSL_REDIRECT", True)
    monkeypatch.setattr(settings, "SECURE_REDIRECT_EXEMPT", ["^healthz$"])
    assert Client().get("/healthz").status_code in (200, 503)
    assert Client().get("/services").status_code == 301
