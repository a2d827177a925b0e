"""A register as data: what one row says, who owns it, what falls due and who hears when nothing happens. Written in YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from townhall.catalogue import strict_yaml
from townhall.catalogue.pack import Code, Line

FOLDER = Path(__file__).parent / "definitions"
Kind = Literal["line", "text", "number", "money", "date", "yearly", "choice", "yes_no", "link", "service"]
Days = Annotated[int, Meta(ge=0, le=3_660)]


class BadDefinition(Exception):
    """A register's file cannot be read, or makes no sense. The message says where and why."""


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One piece of a register's definition."""


class Choice(Part, frozen=True):
    code: Code
    label: Line


class Field(Part, frozen=True):
    """What a row says of itself. `yearly` is a day of every year, kept as 03-15; `listed` ones have a column in the list."""

    code: Code
    label: Line
    kind: Kind = "line"
    hint: str = ""
    required: bool = False
    listed: bool = False
    choices: tuple[Choice, ...] = ()

    def label_of(self, value: object) -> str:
        return next((one.label for one in self.choices if one.code == value), str(value))


class Due(Part, frozen=True):
    """Something every row asks for: some days after it is entered, or before the day in a field; again so many days after it was done.

    A yearly field makes it due every year. asks: what whoever has done it is asked to write down.
    """

    code: Code
    title: Line
    after_days: Days | None = None
    on_field: str = ""
    before_days: Days = 0
    again_days: Days = 0  # 0: once
    asks: str = ""


class Definition(Part, frozen=True):
    """A whole register. Teams and posts by code; no team means every team that may see registers at all."""

    code: Code
    title: Line
    about: str
    row: Line  # what one row is, for "Add …"
    row_title: Line  # the label of its title
    owner_post: str = ""
    escalate_to: str = ""  # the post that hears of what stays undone; the manager of the owner's team when empty
    seen_by: tuple[str, ...] = ()
    kept_by: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    dues: tuple[Due, ...] = ()
    outcomes: tuple[Choice, ...] = ()  # how a row may end
    group_by: str = ""  # the field its report counts by
    has_code: bool = False  # each row has a short code, to be printed and asked for
    source: str = ""  # where its rows come from by themselves (sources.py)

    def field(self, code: str) -> Field | None:
        return next((one for one in self.fields if one.code == code), None)

    def due(self, code: str) -> Due | None:
        return next((one for one in self.dues if one.code == code), None)


def read(text: str, *, file: str = "register.yaml") -> Definition:
    """Raises BadDefinition, naming the line."""
    try:
        value, node = strict_yaml.load(text)
        found = msgspec.convert(value, Definition, strict=True)
    except strict_yaml.YamlError as error:
        raise BadDefinition(f"{file}:{error.line}: {error}") from error
    except msgspec.ValidationError as error:
        message, _at, path = str(error).partition(" - at `")
        line = strict_yaml.line_of(node, path.rstrip("`") or "$")
        raise BadDefinition(f"{file}:{line}: {message}") from error
    if wrong := list(_problems(found)):
        raise BadDefinition("\n".join(f"{file}: {one}" for one in wrong))
    return found


def read_folder(folder: Path = FOLDER) -> list[Definition]:
    """Every register in a folder, by file name. Raises BadDefinition with all that is wrong."""
    found, faults = [], []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found.append(read(path.read_text(encoding="utf-8"), file=path.name))
        except BadDefinition as error:
            faults.append(str(error))
    codes = [one.code for one in found]
    faults += [f"{code}: two registers have this code" for code in sorted(set(codes)) if codes.count(code) > 1]
    if faults:
        raise BadDefinition("\n".join(faults))
    return found


def to_builtins(definition: Definition) -> dict[str, Any]:
    plain = msgspec.json.decode(msgspec.json.encode(definition))
    assert isinstance(plain, dict)
    return plain


def from_builtins(value: Any) -> Definition:
    return msgspec.convert(value, Definition)


def _problems(one: Definition) -> Iterator[str]:
    for name, codes in (
        ("field", [field.code for field in one.fields]),
        ("due", [due.code for due in one.dues]),
        ("outcome", [outcome.code for outcome in one.outcomes]),
    ):
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield _("the %(what)s %(code)s is there twice") % {"what": name, "code": code}
    for field in one.fields:
        if (field.kind == "choice") != bool(field.choices):
            yield _("%(code)s: choices belong to a field of the kind “choice”, and to no other") % {"code": field.code}
    for due in one.dues:
        on = one.field(due.on_field) if due.on_field else None
        if (due.after_days is None) == (not due.on_field):
            yield _("%(code)s: give either after_days or on_field") % {"code": due.code}
        elif due.on_field and (on is None or on.kind not in ("date", "yearly")):
            yield _("%(code)s: %(field)s is no field with a date") % {"code": due.code, "field": due.on_field}
    if one.group_by and one.field(one.group_by) is None:
        yield _("group_by: there is no field %(code)s") % {"code": one.group_by}
