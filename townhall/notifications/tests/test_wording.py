"""Words: the standard ones, a service's own, and own ones that break."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template.utils import get_app_template_dirs

from townhall.notifications.operations import preview
from townhall.notifications.recipients import Recipient
from townhall.notifications.wording import problem_with, standard

ANN = Recipient(name="Ann", email="ann@example.org")
STANDARD = "This is a test message"


def body(override: str | None, **context: object) -> str:
    return preview("check", to=ANN, context=context, override=override).body_text


def test_without_words_of_its_own_a_service_uses_the_standard_ones() -> None:
    assert STANDARD in body(None)
    assert STANDARD in body("")


def test_every_standard_wording_of_every_app_can_be_read_and_has_a_subject() -> None:
    for folder in get_app_template_dirs("jinja2"):
        home = Path(folder) / "notifications"
        for file in home.rglob("*.md"):
            wording = standard(file.relative_to(home).with_suffix("").as_posix())
            assert wording.subject is not None, file


def test_own_words_without_a_subject_keep_the_standard_subject() -> None:
    shown = preview("check", to=ANN, context={"reference": "TH-1"}, override="Yours is {{ reference }}.")

    assert shown.body_text == "Yours is TH-1."
    assert shown.subject_line.startswith("Test message from")


BROKEN = [
    "{{ reference",  # cannot be read
    "{{ no_such_thing }}",  # says something we do not know
    "{% for n in range(10 ** 9) %}x{% endfor %}",
    "{{ 'x' * 10000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ to.__class__.__mro__ }}",
    "{{ ''.__class__ }}",
    "{{ 1 / 0 }}",
    "{{ to.name.nothing() }}",
    "{% include 'ui/base.html' %}",
]


@pytest.mark.parametrize("override", BROKEN)
def test_own_words_that_break_never_stop_a_message(override: str) -> None:
    assert STANDARD in body(override)
    assert problem_with(override, template="check", context={})


def test_words_that_work_have_no_problem() -> None:
    assert problem_with("Hello {{ to.name }}, {{ reference }}", template="check", context={"reference": "TH-1"}) == ""


def test_words_from_people_are_never_read_as_a_template() -> None:
    assert body("You said: {{ details }}", details="{{ 7 * 7 }}") == "You said: {{ 7 * 7 }}"


def test_line_ends_are_all_alike() -> None:
    assert body("{{ details }}", details="a\r\nb\rc") == "a\nb\nc"
