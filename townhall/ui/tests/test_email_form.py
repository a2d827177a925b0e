"""The email form is written out in one piece; it draws what the components that are held against govuk-frontend draw."""

from __future__ import annotations

import pytest
from django.template import engines
from django.utils.safestring import SafeString

from townhall.ui.tests.same_html import shape

PIECE = """{% from "components/email_form/macro.jinja" import email_form %}
{{ email_form("/go", token, "Stop <at> any time", "Follow & see", "email-7", value, error) }}"""
PARTS = """{% import "components/fields/macro.jinja" as field %}{% from "components/button/macro.jinja" import button %}
<form method="post" action="/go" novalidate>{{ token }}
{{ field.email("email", _("Your email address"), hint="Stop <at> any time", value=value, error=error, id="email-7") }}
{{ button("Follow & see", kind="secondary") }}</form>"""


@pytest.mark.parametrize("error", ["", "Enter an <email> address"])
@pytest.mark.parametrize("value", ["", "sam@example.org", '"><b>'])
def test_it_is_the_same_html(value: str, error: str) -> None:
    values = {"token": SafeString('<input type="hidden" name="token" value="x">'), "value": value, "error": error}
    piece, parts = (str(engines.all()[0].from_string(source).render(values)) for source in (PIECE, PARTS))

    assert shape(piece) == shape(parts)
