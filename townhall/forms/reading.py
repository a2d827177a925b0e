"""Forms from YAML and JSON and back, without loss. Reading is strict: a fault is told with its line and path."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from townhall.catalogue import strict_yaml
from townhall.forms.definition import Form
from townhall.forms.errors import FormRefused


def from_builtins(value: Any) -> Form:
    """The form kept as plain dicts and lists. Raises msgspec.ValidationError."""
    return msgspec.convert(value, Form)


def to_builtins(form: Form) -> dict[str, Any]:
    """The form as plain dicts and lists, defaults left out."""
    plain = msgspec.json.decode(msgspec.json.encode(form))
    assert isinstance(plain, dict)
    return plain


def write_yaml(form: Form) -> str:
    """`read_yaml(write_yaml(form)) == form`."""
    return strict_yaml.dump(to_builtins(form))


def read_yaml(text: str, *, file: str = "form.yaml") -> Form:
    """Raises FormRefused with what is wrong, as `file:line: path: sentence`. Whether the form makes sense is for `problems`."""
    try:
        value, node = strict_yaml.load(text, largest=LARGEST)
    except strict_yaml.YamlError as error:
        raise FormRefused([f"{file}:{error.line}: {error}"]) from error
    try:
        return from_builtins(value)
    except msgspec.ValidationError as error:
        message, _at, path = str(error).partition(" - at `")
        path = path.rstrip("`") or "$"
        unknown = re.search(r"unknown field `([^`]+)`", message)
        line = strict_yaml.line_of(node, path, key=unknown[1] if unknown else "")
        raise FormRefused([f"{file}:{line}: {path}: {message}."]) from error


LARGEST = 2_000_000  # characters
