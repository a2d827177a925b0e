"""Django forms drawn with the council's own components (settings: FORM_RENDERER = townhall.ui.fields.Renderer)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.template import loader


class Renderer(DjangoTemplates):
    """`{{ form.postcode.as_field_group() }}` draws the label, hint, error and input together.

    Bare widgets keep Django's own templates, which are not looked for among the project's.
    """

    field_template_name = "ui/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name == self.field_template_name:
            return loader.get_template(template_name)
        return super().get_template(template_name)


@dataclass(frozen=True, kw_only=True)
class DrawnField:
    kind: str  # textarea, select, radios, checkboxes, checkbox, file, hidden or an input's type
    name: str
    id: str
    label: str
    hint: str
    error: str
    value: Any
    choices: list[tuple[str, str]]
    attributes: dict[str, Any]
    autocomplete: str
    spellcheck: bool | None


KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, "hidden"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.Select, "select"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
)
OWN_ARGUMENTS = {
    "autocomplete",
    "spellcheck",
    "id",
    "class",
    "required",
    "aria-describedby",
    "maxlength",
    "rows",
    "cols",
}


def drawn_field(bound: BoundField) -> DrawnField:
    """What the macros need to know about one field of a form."""
    widget = bound.field.widget
    attributes = bound.build_widget_attrs(dict(widget.attrs), widget)
    spellcheck = attributes.get("spellcheck")
    return DrawnField(
        kind=_kind(widget),
        name=bound.html_name,
        id=bound.auto_id or bound.html_name,
        label=str(bound.label),
        hint=str(bound.help_text),
        error=str(bound.errors[0]) if bound.errors else "",
        value=None if _is_secret(widget) else bound.value(),
        choices=[(str(value), str(text)) for value, text in _choices(bound)],
        attributes={name: value for name, value in attributes.items() if name not in OWN_ARGUMENTS},
        autocomplete=str(attributes.get("autocomplete", "")),
        spellcheck=None if spellcheck is None else spellcheck not in (False, "false"),
    )


def form_errors(form: forms.BaseForm) -> list[dict[str, str]]:
    """Every error of a form in the order of its fields, each with the field it leads to; the form's own come first."""
    own = [{"text": str(error), "href": ""} for error in form.non_field_errors()]
    fields = [{"text": str(bound.errors[0]), "href": f"#{drawn_field(bound).id}"} for bound in form if bound.errors]
    return own + fields


def _kind(widget: forms.Widget) -> str:
    for widget_class, kind in KINDS:
        if isinstance(widget, widget_class):
            return kind
    return str(getattr(widget, "input_type", "text"))


def _choices(bound: BoundField) -> Any:
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return []
    return getattr(bound.field, "choices", None) or getattr(bound.field.widget, "choices", [])


def _is_secret(widget: forms.Widget) -> bool:
    """Whether what was typed is never sent back, as with a password."""
    return isinstance(widget, forms.PasswordInput) and not widget.render_value
