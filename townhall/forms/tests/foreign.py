"""Small forms of our own in the shapes of other builders."""

from __future__ import annotations

from typing import Any


def component(name: str, kind: str, title: Any = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "title": title or name.capitalize(), "options": {}, "schema": {}, **more}


def page(path: str, *components: dict[str, Any], to: Any = (), **more: Any) -> dict[str, Any]:
    links = [link if isinstance(link, dict) else {"path": link} for link in to]
    return {
        "path": path,
        "title": more.pop("title", path.strip("/").capitalize()),
        "components": list(components),
        "next": links,
        **more,
    }


def when(name: str, *parts: dict[str, Any], words: str = "") -> dict[str, Any]:
    return {"name": name, "displayName": words or name, "value": {"name": words or name, "conditions": list(parts)}}


def is_(field: str, kind: str, value: Any, operator: str = "is", joined: str = "") -> dict[str, Any]:
    part = {
        "field": {"name": field, "type": kind, "display": field},
        "operator": operator,
        "value": {"type": "Value", "value": value, "display": str(value)},
    }
    return {**part, "coordinator": joined} if joined else part


SUMMARY = page("/summary", controller="./pages/summary.js", title="Check your answers")

ALLOTMENT: dict[str, Any] = {
    "name": "Apply for an allotment",
    "startPage": "/start",
    "version": 2,
    "phaseBanner": {"phase": "beta"},
    "metadata": {},
    "payApiKey": "do-not-keep-me",
    "declaration": '<p class="govuk-body">What I have said is <b>true</b>.</p>',
    "sections": [{"name": "you", "title": "About you"}, {"name": "plots", "title": "Plots"}],
    "lists": [
        {
            "name": "sites",
            "title": "Sites",
            "type": "string",
            "items": [
                {"text": "Mill Lane", "value": "mill", "description": "Near the river"},
                {"text": "Station Road", "value": "station"},
                {
                    "text": "Another",
                    "value": "other",
                    "conditional": {"components": [component("where", "TextField", "Which one?")]},
                },
            ],
        },
        {
            "name": "sizes",
            "title": "Sizes",
            "type": "number",
            "items": [{"text": "Half", "value": 1}, {"text": "Whole", "value": 2}],
        },
        {"name": "unused", "title": "Unused", "type": "string", "items": [{"text": "One", "value": "1"}]},
    ],
    "conditions": [
        when("adult", is_("you.age", "NumberField", "18", "is at least"), words="18 or over"),
        when(
            "young",
            {"conditionName": "adult", "conditionDisplayName": "18 or over"},
            is_("you.resident", "YesNoField", "false", joined="or"),
        ),
        {"name": "two", "displayName": "more than one plot", "value": "plots.size > 1 and not (you.resident == false)"},
        when(
            "nested",
            {
                "conditions": [
                    is_("plots.site", "CheckboxesField", "mill", "contains"),
                    is_("you.name", "TextField", "3", "is longer than", "and"),
                ]
            },
            is_("you.born", "DatePartsField", "2000-01-01", "is before", "or"),
        ),
        when(
            "old",
            {
                "field": {"name": "you.born", "type": "DatePartsField", "display": "Born"},
                "operator": "is at least",
                "value": {"type": "RelativeTime", "timePeriod": "65", "timeUnit": "years", "direction": "in the past"},
            },
        ),
        {"name": "odd", "displayName": "odd", "value": "someFunction(you.age) ~ 3"},
    ],
    "pages": [
        page(
            "/start",
            {
                "type": "Html",
                "name": "hello",
                "options": {},
                "content": "<h2>Before you start</h2><ul><li>See <a href='/rules?a=1'>the rules</a></li><li>£30 a year</li></ul>",
            },
            to=["/you"],
            controller="./pages/start.js",
        ),
        page(
            "/you",
            component("name", "TextField", "Full name <em>as on your bill</em>", hint="<p>One.</p><p>Two.</p>"),
            component("age", "NumberField", schema={"min": 0, "max": 120, "integer": True}),
            component("born", "DatePartsField", options={"required": False, "maxDaysInPast": "40000"}),
            component("resident", "YesNoField", "Do you live here?"),
            component(
                "reference",
                "TextField",
                schema={"regex": "^[A-Z]\\d{8}$"},
                options={"classes": "govuk-input--width-10", "required": False},
            ),
            to=[{"path": "/no"}, {"path": "/plots", "condition": "adult"}],
            section="you",
        ),
        page("/no", {"type": "Para", "content": "<p>Only for adults.</p>", "options": {}}, title="You cannot apply"),
        page(
            "/plots",
            component("site", "CheckboxesField", "Which sites?", list="sites"),
            component("size", "RadiosField", "Size", list="sizes"),
            component("words", "FreeTextField", {"en": "Why?", "cy": "Pam?"}, options={"maxWords": "50"}),
            component("helpful", "Details", "Help", content="Plain words & <i>more</i>"),
            component("sitelist", "List", "All sites", list="sites"),
            to=[{"path": "/helpers", "condition": "two"}, {"path": "/cost"}],
            section="plots",
        ),
        page(
            "/helpers",
            component(
                "helpers",
                "MultiInputField",
                "Who helps?",
                children=[
                    component("who", "TextField"),
                    component("hours", "NumberField", "Hours", options={"prefix": "£"}),
                ],
            ),
            to=["/cost"],
            controller="RepeatingFieldPageController",
            options={"summaryDisplayMode": {"samePage": True}},
        ),
        page(
            "/cost",
            component("cost", "NumberField", "Budget", options={"prefix": "£"}),
            component("odd", "HologramField"),
            to=["/summary"],
        ),
        page("/lonely", component("lost", "TelephoneNumberField")),
        SUMMARY,
    ],
    "fees": [{"description": "Rent", "amount": 3000, "condition": "adult", "multiplier": "plots.size"}],
    "outputs": [{"name": "mail", "type": "email", "outputConfiguration": {"emailAddress": "plots@example.org"}}],
    "specialPages": {
        "confirmationPage": {"customText": {"nextSteps": "We write within <b>5 days</b>"}, "components": []}
    },
}

# An older and a newer shape of the same builders.
OLD: dict[str, Any] = {
    "pages": [
        page(
            "/one",
            {"type": "RadiosField", "name": "colour", "title": "Colour", "options": {"list": "colours"}},
            to=[{"path": "/two", "if": "colour == 'red'"}, {"path": "/three"}],
        ),
        {
            "path": "/two",
            "title": "Two",
            "components": [component("n", "TextField"), component("n", "TextField", "Again")],
            "next": [{"path": "/missing"}],
        },
        {
            "path": "/three",
            "title": "Three",
            "next": [{"path": "/summary"}],
            "repeatField": "many",
            "components": [component("child", "TextField")],
        },
        {"path": "/three", "title": "Three again"},
        {"path": "/summary", "controller": "SummaryPageController", "title": "Summary", "components": []},
    ],
    "lists": [{"name": "colours", "items": [{"text": "Red", "value": "red"}, {"text": "Also red", "value": "red"}]}],
    "conditions": [],
}
NEW: dict[str, Any] = {
    "engine": "V2",
    "schema": 2,
    "name": "Boats",
    "startPage": "/boat",
    "sections": [],
    "lists": [
        {
            "id": "l1",
            "name": "kinds",
            "title": "Kinds",
            "type": "string",
            "items": [{"id": "i1", "text": "Punt", "value": "punt"}, {"id": "i2", "text": "Barge", "value": "barge"}],
        }
    ],
    "conditions": [
        {
            "id": "c1",
            "displayName": "A barge",
            "items": [
                {
                    "id": "x",
                    "componentId": "q1",
                    "operator": "is",
                    "type": "ListItemRef",
                    "value": {"listId": "l1", "itemId": "i2"},
                }
            ],
        }
    ],
    "pages": [
        {
            "id": "p1",
            "path": "/boat",
            "title": "Boat",
            "components": [
                {"id": "q1", "name": "kind", "type": "RadiosField", "title": "Which kind?", "list": "l1", "options": {}}
            ],
            "next": [],
        },
        {
            "id": "p2",
            "path": "/length",
            "title": "Length",
            "condition": "c1",
            "components": [
                {
                    "id": "q2",
                    "name": "metres",
                    "type": "NumberField",
                    "title": "How long?",
                    "options": {},
                    "schema": {},
                },
                {
                    "id": "q3",
                    "type": "Markdown",
                    "name": "md",
                    "content": "# Note\n\nSee [here](https://example.org/a_b)",
                },
            ],
            "next": [],
        },
        {
            "id": "p3",
            "path": "/crew",
            "title": "Crew",
            "controller": "RepeatPageController",
            "repeat": {"options": {"name": "crew", "title": "sailor"}, "schema": {"min": 1, "max": 3}},
            "components": [component("sailor", "TextField")],
            "next": [],
        },
        {"id": "p4", "path": "/summary", "title": "", "controller": "SummaryPageController"},
    ],
}


def step(number: int, text: str, kind: str, after: int | None, **more: Any) -> dict[str, Any]:
    data = {
        "question_text": text,
        "hint_text": more.pop("hint", None),
        "answer_type": kind,
        "is_optional": more.pop("optional", False),
        "answer_settings": more.pop("settings", None),
        "page_heading": more.pop("heading", None),
        "guidance_markdown": more.pop("guidance", None),
        "is_repeatable": more.pop("repeatable", False),
    }
    return {
        "id": number,
        "position": number,
        "next_step_id": after,
        "type": "question_page",
        "data": data,
        "routing_conditions": [],
        **more,
    }


def choose(*names: str, one: bool = True, **more: Any) -> dict[str, Any]:
    return {"only_one_option": "true" if one else "0", "selection_options": [{"name": name} for name in names], **more}


def route(number: int, step_id: int, value: str | None, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "check_page_id": step_id,
        "routing_page_id": step_id,
        "answer_value": value,
        "goto_page_id": None,
        "skip_to_end": False,
        **more,
    }


GOVUK: dict[str, Any] = {
    "form_id": "7",
    "name": "Keep hens",
    "form_slug": "keep-hens",
    "privacy_policy_url": "https://example.org/privacy",
    "support_email": "hens@example.org",
    "support_url": "https://example.org/help",
    "support_url_text": "Help with hens",
    "declaration_text": "It is all true",
    "what_happens_next_markdown": "We write **soon**",
    "payment_url": "https://example.org/pay",
    "start_page": 1,
    "available_languages": ["en", "cy"],
    "steps": [
        step(
            1,
            "Do you keep hens?",
            "selection",
            2,
            settings=choose("Yes", "No", "Ducks"),
            routing_conditions=[
                route(11, 1, "No", exit_page_heading="You need not register", exit_page_markdown="Only keepers do"),
                route(12, 1, "Ducks", goto_page_id=4),
                route(13, 1, "Yes", goto_page_id=2),
            ],
        ),
        step(
            2,
            "Which breeds?",
            "selection",
            3,
            optional=True,
            settings=choose(
                "Orpington",
                "Sussex",
                one=False,
                none_of_the_above_question={"question_text": "Which other breed?", "is_optional": "true"},
            ),
        ),
        step(
            3,
            "Each hen's name",
            "text",
            4,
            settings={"input_type": "single_line"},
            repeatable=True,
            heading="Names",
            guidance="See [names](https://example.org/names)",
        ),
        step(
            4,
            "Your name",
            "name",
            5,
            settings={"input_type": "first_middle_and_last_name", "title_needed": "true"},
            routing_conditions=[route(14, 1, None, skip_to_end=True)],
        ),
        step(
            5, "Address", "address", 6, settings={"input_type": {"uk_address": "true", "international_address": "true"}}
        ),
        step(6, "Date of birth", "date", 7, settings={"input_type": "date_of_birth"}),
        step(7, "National Insurance number", "national_insurance_number", 8),
        step(8, "Email", "email", 9),
        step(9, "Phone", "phone_number", 10, optional=True),
        step(10, "Hens", "number", 11),
        step(11, "Farm", "organisation_name", 12),
        step(12, "Plan", "file", 13),
        step(13, "Anything else?", "text", None, settings={"input_type": "long_text"}),
    ],
}
