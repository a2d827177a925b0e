"""Layouts and error pages: drawn without a database, with nothing inline, saying when something is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template import engines
from django.test import RequestFactory, override_settings
from django.urls import include, path
from jinja2 import UndefinedError

from townhall.ui import site, views
from townhall.ui.errors import PAGES
from townhall.ui.examples import ExampleForm
from townhall.ui.fields import form_errors
from townhall.ui.responses import error_page

APPS = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    file
    for folder in APPS.glob("*/jinja2")
    for file in folder.rglob("*")
    if file.suffix in {".html", ".jinja"} and file.name != "paper.html"  # becomes a PDF and is never sent to a browser
)
INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)(?! type=\"application/json\")|"
    r"\son(click|change|submit|load|error|input|focus|blur|key|mouse|pointer|touch)\w*=|[\"']javascript:",
    re.IGNORECASE,
)

urlpatterns = [path("", include("townhall.ui.urls"))]
pytestmark = pytest.mark.urls(__name__)


def draw(source: str, **context: object) -> str:
    return str(engines["jinja2"].from_string(source).render(context))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: str(template.relative_to(APPS)))
def test_no_script_or_style_is_inline(template: Path) -> None:
    """The content security policy allows none. Data that a script reads is no script."""
    allowed_by_its_hash = "<script>{{ start_script }}</script>"  # test_publishing shows that the policy names no other
    assert not INLINE.search(template.read_text().replace(allowed_by_its_hash, ""))


def test_the_templates_were_found() -> None:
    assert len(TEMPLATES) > 30


@pytest.mark.parametrize("layout", ["public", "workspace"])
def test_a_layout_needs_no_database(layout: str) -> None:
    page = draw(
        '{% extends "ui/'
        + layout
        + '.html" %}{% block page_title %}Bins{% endblock %}{% block content %}<h1>Bins</h1>{% endblock %}'
    )

    assert f"<title>Bins – {site.site().name}</title>" in page
    assert '<a href="#main-content" class="govuk-skip-link"' in page
    assert "<aside" not in page


def test_the_aside_and_the_way_back_stand_where_they_are_given() -> None:
    page = draw(
        '{% extends "ui/public.html" %}{% block before_content %}<a href="/x">Back</a>{% endblock %}{% block aside %}Help{% endblock %}'
    )

    assert page.count("<aside") == page.count(">Help<") == page.count(">Back<") == 1


def test_the_title_says_that_there_is_an_error() -> None:
    source = '{% extends "ui/public.html" %}{% block page_title %}Your name{% endblock %}'

    assert "<title>Error: Your name –" in draw(source, errors=[{"text": "Enter your full name", "href": "#name"}])
    assert "<title>Error: Your name –" in draw(source, form=ExampleForm({}))
    assert "<title>Your name –" in draw(source, errors=[])


def test_a_name_that_nobody_gave_is_an_error_and_not_a_gap() -> None:
    assert draw("{% if nothing %}yes{% else %}no{% endif %}") == "no"
    with pytest.raises(UndefinedError, match="nothing"):
        draw("{{ nothing }}")


@pytest.mark.parametrize("status", sorted(PAGES))
def test_every_refusal_has_a_page_in_plain_words(status: int) -> None:
    response = error_page(None, status)

    page = response.content.decode()
    assert response.status_code == status
    assert f'<h1 class="govuk-heading-l">{PAGES[status].title}</h1>' in page
    assert not re.search(r"\b(invalid|forbidden|oops|csrf|exception)\b", page, re.IGNORECASE)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 429, 500, 503])
def test_no_refusal_is_forgotten(status: int) -> None:
    assert status in PAGES


def test_a_rules_own_sentence_is_shown_and_nothing_else_of_the_exception() -> None:
    refusal = PermissionDenied("internal words")
    refusal.user_message = "Your training ended on 3 May 2026."  # type: ignore[attr-defined]

    page = views.permission_denied(RequestFactory().get("/"), refusal).content.decode()

    assert "Your training ended on 3 May 2026." in page
    assert "internal words" not in page


def test_an_old_form_is_explained() -> None:
    response = views.csrf_failure(RequestFactory().post("/"), reason="CSRF cookie not set.")

    assert response.status_code == 403
    assert "What you sent was not saved." in response.content.decode()
    assert "CSRF cookie" not in response.content.decode()


def test_waiting_is_said_to_machines_as_well() -> None:
    assert error_page(None, 429, retry_after_seconds=120)["Retry-After"] == "120"


def test_components_are_not_shown_to_the_public() -> None:
    with override_settings(DEBUG=False, DEMO=False), pytest.raises(Http404):
        views.components(RequestFactory().get("/ui-components"))


def test_every_component_draws() -> None:
    with override_settings(DEMO=True):
        page = views.components(RequestFactory().get("/ui-components")).content.decode()

    assert page.count('class="th-example"') == 9
    assert "{{" not in page
    assert "{%" not in page


def test_errors_of_a_form_lead_to_their_fields() -> None:
    errors = form_errors(ExampleForm({"email": "sam@example.org"}))

    assert [error["href"] for error in errors] == ["#id_name", "#id_size"]
    page = draw(
        '{% import "components/fields/macro.jinja" as field %}{% for bound in form %}{{ field.of(bound) }}{% endfor %}',
        form=ExampleForm({}),
    )
    assert all(f'id="{error["href"][1:]}"' in page for error in form_errors(ExampleForm({})))


def test_a_link_appears_once_its_page_exists() -> None:
    assert site.links(
        (site.Link(name="ui:components", text="Parts"), site.Link(name="ui:nowhere", text="Nowhere"))
    ) == [{"text": "Parts", "href": "/ui-components", "active": False}]


def test_the_link_to_here_is_marked() -> None:
    wanted = (site.Link(name="ui:map_features", text="Features"), site.Link(name="ui:components", text="Parts"))

    assert [link["active"] for link in site.links(wanted, here="/map/features/nearest")] == [True, False]


@pytest.mark.parametrize("layout", ["public", "workspace"])
def test_where_the_source_code_is_stands_at_the_foot_when_it_is_known(layout: str) -> None:
    source = '{% extends "ui/' + layout + '.html" %}{% block page_title %}Bins{% endblock %}'
    assert "Source code" not in draw(source)
    with override_settings(SOURCE_URL="https://code.example.org/townhall"):
        site.site.cache_clear()
        page = draw(source)
    site.site.cache_clear()
    assert 'href="https://code.example.org/townhall">Source code</a>' in page


def test_forms_of_one_page_share_a_token_that_is_made_once(rf: RequestFactory) -> None:
    page = engines["jinja2"].from_string("{{ csrf_input }}|{{ csrf_input }}")
    one, other = page.render({}, rf.get("/")).split("|")
    assert one == other
    assert one.startswith('<input type="hidden" name="csrfmiddlewaretoken" value="')
