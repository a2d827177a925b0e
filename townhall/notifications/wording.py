"""The words of messages: plain text with simple Markdown, in `jinja2/notifications/<name>.md` of any app.

    Subject: We have your report {{ reference }}
    Text: We have your report {{ reference }}. Follow it at {{ link }}

    Dear {{ to.name or _("customer") }}, …

The `Text:` line is what a text message says; without it the body is used. Templates are compiled once in a process. Wording that
a service brings itself runs in a sandbox, and can never stop a message: when it breaks, the standard words go.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import jinja2
import structlog
from django.conf import settings
from django.template.utils import get_app_template_dirs
from django.utils import translation
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from townhall.core.money import pounds
from townhall.notifications.recipients import Recipient
from townhall.ui import words

log = structlog.get_logger(__name__)
_FRONT = re.compile(r"(Subject|Text):[ \t]*(.*)\r?\n?")
# NUL cannot be stored; other control characters and half pairs of surrogates cannot be sent.
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SUBJECT_LONGEST = 200


@dataclass(frozen=True)
class Wording:
    subject: jinja2.Template | None
    text: jinja2.Template | None
    body: jinja2.Template


@dataclass(frozen=True, kw_only=True)
class Words:
    """What one message says."""

    subject_line: str
    body_text: str
    short_text: str  # for a text message


_FILTERS = {
    "at_place": words.at_place,
    "in_sentence": words.in_sentence,
    "long_date": words.long_date,
    "weekday_date": words.weekday_date,
    "time_of_day": words.time_of_day,
    "moment": words.moment,
    "pounds": pounds,
}


class _Sandbox(ImmutableSandboxedEnvironment):
    """For wording typed on a screen: no attributes of Python's, no changes, no multiplying of text into gigabytes."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"{operator} is not for wording")


def _prepared(environment: jinja2.Environment) -> jinja2.Environment:
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    environment.filters.update(_FILTERS)
    environment.globals["council"] = settings.COUNCIL_NAME
    return environment


_OPTIONS: dict[str, Any] = {
    "undefined": jinja2.StrictUndefined,
    "autoescape": False,  # plain text; `html.as_html` escapes
    "trim_blocks": True,
    "lstrip_blocks": True,
    "extensions": ["jinja2.ext.i18n"],
}


@cache
def _trusted() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader([str(folder) for folder in get_app_template_dirs("jinja2")])
    return _prepared(jinja2.Environment(loader=loader, **_OPTIONS))  # noqa: S701


@cache
def _sandbox() -> jinja2.Environment:
    return _prepared(_Sandbox(**_OPTIONS))


def _compiled(source: str, environment: jinja2.Environment) -> Wording:
    front: dict[str, jinja2.Template] = {}
    while line := _FRONT.match(source):
        front[line[1]] = _template(line[2], environment)
        source = source[line.end() :]
    return Wording(front.get("Subject"), front.get("Text"), _template(source, environment))


def _template(source: str, environment: jinja2.Environment) -> jinja2.Template:
    made = environment.from_string(source.strip())
    made.globals = dict(made.globals)  # a chain of two mappings otherwise, looked through name by name at each use
    return made


@cache
def standard(template: str) -> Wording:
    """An app's own wording. Raises jinja2.TemplateNotFound, or TemplateSyntaxError when it cannot be read."""
    return _compiled(_source(template), _trusted())


def _source(template: str) -> str:
    environment = _trusted()
    assert environment.loader is not None
    return environment.loader.get_source(environment, f"notifications/{template}.md")[0]


@lru_cache(maxsize=2000)
def version_of(template: str, override: str | None = None) -> str:
    """Which wording it was: the same for the same words. `own-…` for a service's own."""
    digest = hashlib.sha256((override or _source(template)).encode()).hexdigest()[:10]
    return f"own-{digest}" if override else digest


@lru_cache(maxsize=1000)
def _own(source: str) -> Wording:
    return _compiled(source, _sandbox())


def sendable(text: str) -> str:
    return _UNSENDABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """Safe in a header: no line ends or control characters, nothing encoded (mail programs decode `=?`), at most 200 characters."""
    return " ".join(sendable(text).split()).replace("=?", "= ?")[:_SUBJECT_LONGEST]


def _words(wording: Wording, spare: Wording, context: Mapping[str, object], *, short: bool) -> Words:
    subject, text = wording.subject or spare.subject, wording.text or spare.text
    body = sendable(wording.body.render(context))
    return Words(
        subject_line=one_line(subject.render(context)) if subject else "",
        body_text=body,
        short_text=sendable(text.render(context)) if text and short else body,
    )


def worded(
    template: str, *, to: Recipient, context: Mapping[str, object], override: str | None = None, short: bool = True
) -> Words:
    """The words of a message, with a service's own instead of the standard ones where it has them.

    A template sees `context`, `to` and `council`. short: whether the words of a text message are needed.
    Raises jinja2.TemplateError when the standard wording is broken.
    """
    usual = standard(template)
    seen = {**context, "to": to}
    if override:
        try:
            return _words(_own(override), usual, seen, short=short)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
            log.warning("wording.broken", template=template, error=type(error).__name__)
    return _words(usual, usual, seen, short=short)


def problem_with(override: str, *, template: str, context: Mapping[str, object]) -> str:
    """Why this wording of a service's own cannot be used with such a context, or "" when it can."""
    try:
        _words(_own(override), standard(template), {**context, "to": Recipient(name="Sam Example")}, short=True)
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
        return str(error) or type(error).__name__
    return ""
