"""The forms that come with Townhall: each runs to its check, each question says why, and docs/journeys.md counts their pages right."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import townhall.catalogue
from townhall.catalogue import reading
from townhall.forms.checking import check
from townhall.forms.definition import Form
from townhall.forms.importing.trying import way_to_check
from townhall.forms.lengths import SEEDS, length_of
from townhall.forms.operations.loading import read_forms
from townhall.forms.questions import Email

PACKS = Path(townhall.catalogue.__file__).parent / "packs"
DOCS = Path(__file__).resolve().parents[3] / "docs" / "journeys.md"
FORMS = read_forms(PACKS)
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_each_runs_to_its_check_and_its_service_asks_for_it(form: Form) -> None:
    assert all(way_to_check(form, today=TODAY, seed=seed) is not None for seed in SEEDS)
    packs = {pack.code: pack for pack in reading.read_folder(PACKS)}
    assert packs[form.service].form == form.code


@pytest.mark.capability("FORM-02")
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_every_question_says_why_it_is_asked_and_which_system_uses_it(form: Form) -> None:
    assert not [one.code for one in form.questions() if not one.why or not one.system]


def test_nobody_needs_an_email_address() -> None:
    asked = [(form, page, one) for form in FORMS for page in form.pages for one in page.questions]
    needed = [(form, page, one) for form, page, one in asked if isinstance(one, Email) and one.required]
    assert len(needed) >= 15
    for form, page, one in needed:
        if page.shown_when is None:  # else they chose it
            given = {"phone": "07700 900982"}
            assert one.code not in check(page.questions, given), (
                f"{form.code} asks for an email address and nothing else"
            )


def test_the_page_of_journeys_counts_right() -> None:
    rows = re.findall(r"^\| .* \| `([a-z-]+)` \| (\d+) \| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    known = {form.service: form for form in FORMS}
    assert len(rows) >= 11
    for service, fewest, most in rows:
        length = length_of(known[service], today=TODAY)
        assert length is not None
        assert (int(fewest), int(most)) == (length.fewest_pages, length.most_pages), service
