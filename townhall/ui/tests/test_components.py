"""Our components draw what govuk-frontend's own fixtures say, for every option we offer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.template import engines

from townhall.ui.tests.same_html import shape

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "node_modules/govuk-frontend/dist/govuk/components"
Options = dict[str, Any]
Arguments = dict[str, Any]


class NotOffered(Exception):
    """The fixture uses an option that our component leaves out on purpose."""


def only(options: Options, *names: str) -> None:
    extra = set(options) - set(names)
    if extra:
        raise NotOffered(", ".join(sorted(extra)))


def words(part: Any) -> str:
    if not part:
        return ""
    if isinstance(part, dict):
        only(part, "text")
        return str(part["text"])
    return str(part)


def heading(part: Options, block: str) -> Arguments:
    only(part, "text", "classes", "isPageHeading")
    sizes = [name.rsplit("--", 1)[1] for name in part.get("classes", "").split() if name.startswith(f"{block}--")]
    if len(part.get("classes", "").split()) != len(sizes):
        raise NotOffered("classes of a label")
    return {"heading": part.get("isPageHeading", False), "size": sizes[0] if sizes else ""}


def field(options: Options, *more: str) -> Arguments:
    only(options, "name", "id", "label", "hint", "errorMessage", "value", "classes", "disabled", "attributes", *more)
    made: Arguments = {"name": options["name"], "label": words({"text": options["label"].get("text", "")})}
    if not made["label"]:
        raise NotOffered("no label")
    made |= heading(options["label"], "govuk-label")
    made |= {"hint": words(options.get("hint")), "error": words(options.get("errorMessage"))}
    made |= {name: options[name] for name in ("id", "value", "classes", "disabled", "attributes") if name in options}
    return made


def text(options: Options) -> Arguments:
    extra = {"type", "autocomplete", "inputmode", "spellcheck", "prefix", "suffix", "describedBy"}
    made = field(options, *extra)
    for name in extra & set(options):
        value = options[name]
        made[{"describedBy": "described_by"}.get(name, name)] = words(value) if name in {"prefix", "suffix"} else value
    return made


def textarea(options: Options) -> Arguments:
    made = field(options, "rows", "autocomplete", "spellcheck", "describedBy")
    made |= {name: options[name] for name in ("rows", "autocomplete", "spellcheck") if name in options}
    return made | ({"described_by": options["describedBy"]} if "describedBy" in options else {})


def select(options: Options) -> Arguments:
    made = field(options, "items", "describedBy")
    made["items"] = every(options.get("items", []))
    for item in made["items"]:
        only(item, "value", "text", "selected", "disabled")
        if isinstance(item.get("value"), bool):
            raise NotOffered("a value that is not text or a number")
    return made | ({"described_by": options["describedBy"]} if "describedBy" in options else {})


def choices(options: Options) -> Arguments:
    only(
        options,
        "name",
        "idPrefix",
        "fieldset",
        "hint",
        "errorMessage",
        "items",
        "value",
        "values",
        "classes",
        "attributes",
    )
    made: Arguments = {"name": options["name"], "legend": "", "id": options.get("idPrefix")}
    if "fieldset" in options:
        only(options["fieldset"], "legend")
        made["legend"] = words({"text": options["fieldset"]["legend"].get("text", "")})
        if not made["legend"]:
            raise NotOffered("html legend")
        made |= heading(options["fieldset"]["legend"], "govuk-fieldset__legend")
    made |= {"hint": words(options.get("hint")), "error": words(options.get("errorMessage"))}
    made["items"] = [choice(item) for item in every(options["items"])]
    return made | {name: options[name] for name in ("value", "values", "classes", "attributes") if name in options}


def every(items: list[Any]) -> list[Options]:
    if not all(items):
        raise NotOffered("gaps in a list of items")
    return items


def choice(item: Options) -> Options:
    only(
        item,
        "value",
        "text",
        "hint",
        "checked",
        "disabled",
        "divider",
        "conditional",
        "behaviour",
        "id",
        "name",
        "attributes",
    )
    made = dict(item, hint=words(item.get("hint")))
    if item.get("conditional"):
        made["conditional"] = markup(item["conditional"]["html"]) if item["conditional"]["html"] else ""
    return made


def markup(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)


def date(options: Options) -> Arguments:
    only(options, "id", "namePrefix", "fieldset", "hint", "errorMessage", "values")
    only(options.get("fieldset", {}), "legend")
    legend = options.get("fieldset", {}).get("legend", {})
    if "text" not in legend:
        raise NotOffered("no legend in plain text")
    prefix = f"{options['namePrefix']}-" if "namePrefix" in options else ""
    values = {name.removeprefix(prefix): value for name, value in options.get("values", {}).items()}
    return {
        "name": options["id"],
        "names": {part: f"{prefix}{part}" for part in ("day", "month", "year")},
        "id": options["id"],
        "legend": legend["text"],
        **heading(legend, "govuk-fieldset__legend"),
        "hint": words(options.get("hint")),
        "error": words(options.get("errorMessage")),
        "values": values,
    }


def file(options: Options) -> Arguments:
    made = field(options, "javascript", "multiple")
    made.pop("value", None)
    if "disabled" in made or "classes" in made:
        raise NotOffered("disabled or classes")
    return made | {"dropzone": bool(options.get("javascript")), "multiple": bool(options.get("multiple"))}


def button(options: Options) -> Arguments:
    only(
        options,
        "text",
        "href",
        "classes",
        "name",
        "value",
        "type",
        "disabled",
        "preventDoubleClick",
        "id",
        "attributes",
    )
    kinds = [name for name in options.get("classes", "").split() if name.startswith("govuk-button--")]
    others = [name for name in options.get("classes", "").split() if name not in kinds]
    made: Arguments = {
        name: options[name]
        for name in ("text", "href", "name", "value", "type", "disabled", "id", "attributes")
        if name in options
    }
    made |= {"kind": kinds[0].removeprefix("govuk-button--") if kinds else "", "classes": " ".join(others + kinds[1:])}
    return made | ({"once": options["preventDoubleClick"]} if "preventDoubleClick" in options else {})


def error_summary(options: Options) -> Arguments:
    only(options, "titleText", "descriptionText", "errorList")
    for error in options.get("errorList", []):
        only(error, "text", "href")
    return {
        "title": options["titleText"],
        "description": options.get("descriptionText", ""),
        "errors": options.get("errorList", []),
    }


def summary_list(options: Options) -> Arguments:
    only(options, "rows", "classes")
    rows = [summary_row(row) for row in options["rows"] if row]
    border = options.get("classes") != "govuk-summary-list--no-border"
    return {"rows": rows, "border": border, "classes": options.get("classes", "") if border else ""}


def summary_row(row: Options) -> Options:
    only(row, "key", "value", "actions")
    made: Options = {"key": words(row["key"]), "actions": []}
    if not row["value"].get("text") and not row["value"].get("html"):
        raise NotOffered("a row with nothing in it reads Not provided")
    made["value"] = markup(row["value"]["html"]) if "html" in row["value"] else words(row["value"])
    only(row.get("actions", {}), "items")
    for action in row.get("actions", {}).get("items", []):
        only(action, "text", "href", "visuallyHiddenText")
        made["actions"].append(
            {"text": action["text"], "href": action["href"], "about": action.get("visuallyHiddenText", "")}
        )
    return made


def panel(options: Options) -> Arguments:
    only(options, "titleText", "titleHtml", "html", "text", "headingLevel")
    title, body = options.get("titleText"), options.get("text", "")
    return {
        "title": title or markup(options["titleHtml"]),
        "body": markup(options["html"]) if "html" in options else body,
        "level": options.get("headingLevel", 1),
    }


def tag(options: Options) -> Arguments:
    only(options, "text", "classes")
    return {"text": options["text"], "classes": options.get("classes", "")}


def table(options: Options) -> Arguments:
    only(options, "head", "rows", "caption", "captionClasses", "firstCellIsHeader", "classes")
    size = options.get("captionClasses", "")
    return {
        "head": [cell(item) for item in options.get("head") or []],
        "rows": [[cell(item) for item in row] for row in options["rows"] if row],
        "caption": options.get("caption", ""),
        "caption_size": size.rsplit("--", 1)[1] if size else "",
        "first_is_header": options.get("firstCellIsHeader", False),
        "classes": options.get("classes", ""),
        "scrolls": False,
    }


def cell(item: Options) -> Options:
    only(item, "text", "html", "format")
    if item.get("format", "numeric") != "numeric":
        raise NotOffered(item["format"])
    return {
        "text": markup(item["html"]) if "html" in item else item["text"],
        "numeric": item.get("format") == "numeric",
    }


def details(options: Options) -> Arguments:
    only(options, "summaryText", "text", "html", "id", "open")
    body = markup(options["html"]) if "html" in options else options["text"]
    return {
        "summary": options["summaryText"],
        "body": body,
        "open": options.get("open", False),
        "id": options.get("id", ""),
    }


def inset(options: Options) -> Arguments:
    only(options, "text", "html")
    return {"body": markup(options["html"]) if "html" in options else options["text"]}


def warning(options: Options) -> Arguments:
    only(options, "text", "iconFallbackText")
    if options.get("iconFallbackText", "Warning") != "Warning":
        raise NotOffered("other words for the icon")
    return {"text": options["text"]}


def banner(options: Options) -> Arguments:
    only(options, "text", "type", "titleText", "titleId")
    if options.get("type", "success") != "success":
        raise NotOffered("another type")
    made = {"text": options["text"], "success": options.get("type") == "success", "title": options.get("titleText", "")}
    return made | ({"id": options["titleId"]} if "titleId" in options else {})


def breadcrumbs(options: Options) -> Arguments:
    only(options, "items", "labelText")
    for item in options["items"]:
        only(item, "text", "href")
    return {
        "items": [(item["text"], item.get("href", "")) for item in options["items"]],
        "label": options.get("labelText", ""),
    }


def back_link(options: Options) -> Arguments:
    only(options, "text", "href")
    return {"href": options.get("href", "#"), "text": options.get("text", "")}


# their component: (our file, our macro, how their options become our arguments, fixtures we must at least match)
COMPONENTS: dict[str, tuple[str, str, Callable[[Options], Arguments], int]] = {
    "input": ("fields", "text", text, 35),
    "textarea": ("fields", "textarea", textarea, 17),
    "select": ("fields", "select", select, 15),
    "radios": ("fields", "radios", choices, 28),
    "checkboxes": ("fields", "checkboxes", choices, 31),
    "date-input": ("fields", "date", date, 4),
    "file-upload": ("fields", "file", file, 12),
    "button": ("button", "button", button, 34),
    "error-summary": ("error_summary", "error_summary", error_summary, 10),
    "summary-list": ("summary_list", "summary_list", summary_list, 10),
    "panel": ("panel", "panel", panel, 7),
    "tag": ("tag", "tag", tag, 10),
    "table": ("table", "table", table, 11),
    "details": ("details", "details", details, 7),
    "inset-text": ("inset", "inset", inset, 3),
    "warning-text": ("warning", "warning", warning, 4),
    "notification-banner": ("banner", "banner", banner, 9),
    "breadcrumbs": ("breadcrumbs", "breadcrumbs", breadcrumbs, 6),
    "back-link": ("back_link", "back_link", back_link, 3),
}

pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="govuk-frontend is not installed: run `npm ci`")


def draw(file_name: str, macro: str, arguments: Arguments) -> str:
    template = engines["jinja2"].from_string(
        f'{{% from "components/{file_name}/macro.jinja" import {macro} %}}{{{{ {macro}(**arguments) }}}}'
    )
    return str(template.render({"arguments": arguments}))


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_draws_what_the_design_system_draws(component: str) -> None:
    file_name, macro, arguments_from, at_least = COMPONENTS[component]
    different, same = [], 0
    for fixture in json.loads((FIXTURES / component / "fixtures.json").read_text())["fixtures"]:
        try:
            arguments = arguments_from(fixture["options"])
        except NotOffered:
            continue
        if shape(draw(file_name, macro, arguments)) == shape(fixture["html"]):
            same += 1
        else:
            different.append(fixture["name"])
    assert different == []
    assert same >= at_least
