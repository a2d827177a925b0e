from __future__ import annotations

from typing import Any

from townhall.forms.definition import Form, FormPage, Part
from townhall.forms.questions import Text

ASKED: dict[str, Any] = {"why": "To know whom to write to", "system": "Revenues"}


def make_text(code: str = "name", **fields: Any) -> Text:
    return Text(code=code, label=fields.pop("label", code.capitalize()), **{**ASKED, **fields})


def make_page(code: str, *parts: Part, **fields: Any) -> FormPage:
    return FormPage(code=code, parts=parts or (make_text(code.replace("-", "_")),), **fields)


def make_form(*pages: FormPage, code: str = "hello", title: str = "Hello", **fields: Any) -> Form:
    return Form(code=code, title=title, pages=pages or (make_page("name"),), **fields)
