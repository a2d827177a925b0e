"""Django forms draw themselves with the council's components."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import renderers
from django.template import engines
from lxml import html

from townhall.ui.fields import Renderer


class Report(forms.Form):
    default_renderer = Renderer
    token = forms.CharField(widget=forms.HiddenInput, initial="abc")
    name = forms.CharField(
        label="Full name", widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"})
    )
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)
    what = forms.CharField(label="What happened?", widget=forms.Textarea, help_text="In your own words")
    team = forms.ChoiceField(label="Team", choices=[("a", "Streets"), ("b", "Parks")])
    ways = forms.MultipleChoiceField(
        label="Ways", choices=[("email", "Email"), ("text", "Text")], widget=forms.CheckboxSelectMultiple
    )
    agree = forms.BooleanField(label="I agree", required=False)
    photo = forms.FileField(label="Photo", widget=forms.FileInput(attrs={"accept": "image/*"}), required=False)


def drawn(form: forms.Form) -> Any:
    assert isinstance(form.renderer, renderers.BaseRenderer)
    return html.fromstring("<form>" + "".join(bound.as_field_group() for bound in form) + "</form>")


def test_each_kind_of_field_has_its_component() -> None:
    page = drawn(Report())

    assert page.xpath("//input[@type='hidden'][@name='token']/@value") == ["abc"]
    assert page.xpath("//input[@id='id_name']/@autocomplete") == ["name"]
    assert page.xpath("//input[@id='id_secret']/@type") == ["password"]
    assert len(page.xpath("//textarea[@aria-describedby='id_what-hint']")) == 1
    assert page.xpath("//select[@id='id_team']/option/text()") == ["Streets", "Parks"]
    assert page.xpath("//input[@type='checkbox'][@name='ways']/@value") == ["email", "text"]
    assert page.xpath("//input[@id='id_photo']/@accept") == ["image/*"]


def test_what_was_typed_and_chosen_is_kept() -> None:
    page = drawn(Report({"name": "Sam <Okafor>", "secret": "hunter2", "team": "b", "ways": ["text"], "agree": "on"}))

    assert page.xpath("//input[@id='id_name']/@value") == ["Sam <Okafor>"]
    assert page.xpath("//input[@id='id_secret']/@value") == []
    assert page.xpath("//option[@selected]/@value") == ["b"]
    assert page.xpath("//input[@name='ways'][@checked]/@value") == ["text"]
    assert len(page.xpath("//input[@name='agree'][@checked]")) == 1


def test_an_error_stands_beside_its_field_and_is_read_with_it() -> None:
    page = drawn(Report({"name": ""}))

    assert "This field is required." in page.xpath("string(//p[@id='id_name-error'])")
    assert page.xpath("//input[@id='id_name']/@aria-describedby") == ["id_name-error"]
    assert not page.xpath("//*[@required]")  # the server checks; the browser's own bubbles are not accessible


def test_the_form_asks_nothing_of_the_page_it_stands_in() -> None:
    page = engines["jinja2"].from_string("{{ form['name'].as_field_group() }}").render({"form": Report()})

    assert 'class="govuk-label" for="id_name"' in page
