"""A form built on the screen: drafted, refused, mended, published, filled in, changed and rolled back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from townhall.accounts.models import Role
from townhall.core.actors import PUBLIC
from townhall.core.time import now
from townhall.forms import operations, queries
from townhall.forms.definition import Form
from townhall.forms.questions import Radios
from townhall.ledger.models import Entry
from townhall.workspace.form_fields import KINDS, PartForm, choices_of
from townhall.workspace.tests.conftest import signed_in_as

WHY = {"why": "To find the house", "system": "Permits"}


class Builder:
    """Somebody at the pages of one form."""

    def __init__(self, client: Client, code: str = "skip-permit") -> None:
        self.client, self.code = client, code

    @property
    def form(self) -> Form:
        draft = queries.draft_of(self.code)
        assert draft is not None
        return draft.form

    def post(self, path: str, **given: Any) -> Any:
        draft = queries.draft_of(self.code)
        revision = str(draft.revision) if draft else ""
        return self.client.post(f"/work/forms/{self.code}/{path}", {"revision": revision, **given})

    def get(self, path: str) -> str:
        answer = self.client.get(f"/work/forms/{self.code}/{path}")
        assert answer.status_code == 200, path
        return answer.content.decode()

    def page(self, code: str, **given: Any) -> None:
        assert self.post("pages/new", code=code, **given).status_code == 302

    def part(self, page: str, kind: str, /, **given: Any) -> HttpResponse:
        answer: HttpResponse = self.post(f"pages/{page}/add?kind={kind}", **given)
        return answer


@pytest.fixture
def manager() -> Client:
    return signed_in_as("mo", team="street-cleansing", role=Role.TEAM_MANAGER)


@pytest.fixture
def builder(manager: Client) -> Builder:
    assert manager.post("/work/forms/new", {"title": "Skip permit"})["Location"] == "/work/forms/skip-permit/about"
    return Builder(manager)


def branched(builder: Builder) -> None:
    """Do you live here? No leads to a stop; yes to the street."""
    builder.post("about", title="Skip permit", service="fly-tipping")
    builder.page("here")
    builder.part("here", "yes_no", label="Do you live here?", required="on", **WHY)
    builder.page("street")
    builder.part("street", "text", label="Which street?", required="on", max_length="100", min_length="0")
    builder.page("elsewhere", title="Ask your own council", is_stop="on", stop_text="We cannot help.")
    answer = builder.post("pages/here/ways", to="elsewhere")
    assert answer["Location"].endswith("/rules/way-0")
    builder.post("pages/here/rules/way-0?question=do_you_live_here", compare="==", value="no")
    builder.post("pages/street/ways", to="check")


@pytest.mark.capability("FORM-01", "FORM-02")
def test_built_refused_mended_published_and_filled_in(builder: Builder) -> None:
    branched(builder)
    listed = builder.get("draft")
    assert "If “Do you live here?” is “No”, go to “Ask your own council”" in listed

    refused = builder.post("publish")
    assert refused.status_code == 422
    assert (
        '<a href="/work/forms/skip-permit/pages/street/parts/0">The question “Which street?”'
        in refused.content.decode()
    )
    assert not any(line.published for line in queries.forms() if line.code == "skip-permit")

    builder.post("pages/street/parts/0", label="Which street?", required="on", max_length="100", min_length="0", **WHY)
    assert builder.post("publish").status_code == 302

    public = Client()
    assert "Do you live here?" in public.get("/forms/skip-permit/here").content.decode()
    assert public.post("/forms/skip-permit/here", {"do_you_live_here": "no"})["Location"].endswith("/elsewhere")
    assert "We cannot help." in public.get("/forms/skip-permit/elsewhere").content.decode()
    assert public.post("/forms/skip-permit/here", {"do_you_live_here": "yes"})["Location"].endswith("/street")
    verbs = list(Entry.objects.filter(verb__startswith="form.").values_list("verb", flat=True))
    assert verbs.count("form.published") == 1
    assert verbs.count("form.saved") > 8


@pytest.mark.capability("FORM-01")
def test_who_has_begun_stays_on_their_version_and_the_old_one_comes_back(builder: Builder) -> None:
    branched(builder)
    builder.post("pages/street/parts/0", label="Which street?", required="on", max_length="100", min_length="0", **WHY)
    builder.post("publish")
    begun = Client()
    begun.post("/forms/skip-permit/here", {"do_you_live_here": "yes"})

    builder.post("begin")
    builder.post(
        "pages/street/parts/0", label="Name of the street", required="on", max_length="100", min_length="0", **WHY
    )
    assert "Name of the street" in builder.get("compare")
    builder.post("publish")

    assert "Which street?" in begun.get("/forms/skip-permit/street").content.decode()
    fresh = Client()
    fresh.post("/forms/skip-permit/here", {"do_you_live_here": "yes"})
    assert "Name of the street" in fresh.get("/forms/skip-permit/street").content.decode()

    builder.post("roll-back", to="1")
    shown = queries.version_of("skip-permit")
    assert (shown.version, shown.form.questions()[1].label) == (3, "Which street?")


def test_two_at_once_and_nothing_is_overwritten(builder: Builder) -> None:
    branched(builder)
    draft = queries.draft_of("skip-permit")
    assert draft is not None
    stale = {"revision": str(draft.revision), "title": "Mine", "service": ""}
    other = signed_in_as("olu", team="street-cleansing", role=Role.OFFICER)
    assert other.post("/work/forms/skip-permit/about", {**stale, "title": "Theirs"}).status_code == 302

    answer = builder.client.post("/work/forms/skip-permit/about", stale)

    assert answer.status_code == 409
    assert "Olu saved it" in answer.content.decode()
    assert "Mine" in answer.content.decode()
    assert builder.form.title == "Theirs"


def test_pages_and_parts_move_and_go_with_buttons_alone(builder: Builder) -> None:
    branched(builder)
    builder.part("here", "paragraph", text="Read this")
    builder.post("draft", do="part:here:1:up")
    assert [type(part).__name__ for part in builder.form.pages[0].parts] == ["Paragraph", "YesNo"]
    builder.post("draft", do="page:elsewhere:up")
    assert [page.code for page in builder.form.pages] == ["here", "elsewhere", "street"]
    builder.post("draft", do="part:here:0:remove")
    assert len(builder.form.pages[0].parts) == 1
    builder.post("draft", do="page:elsewhere:remove")
    assert builder.form.pages[0].next == ()
    assert builder.post("draft", do="page:elsewhere:up").status_code == 404
    assert builder.post("draft", do="part:here:x:up").status_code == 404
    assert builder.post("draft", do="nonsense").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_every_type_is_added_and_opens_again(builder: Builder, kind: str) -> None:
    builder.page("one")
    assert 'name="revision"' in builder.get(f"pages/one/add?kind={kind}")
    opened = PartForm(form=builder.form, kind=kind)
    as_opened = {name: opened[name].value() or "" for name in opened.fields}
    extra = {"calculated": {"rule": '{"+": [1, 2]}'}}.get(kind, {})
    choices = {"choices": "A van load | Up to 3 tonnes\nMore"} if "choices" in as_opened else {}
    words = {"label": "What?", "title": "What", "text": "What", **WHY}
    answer = builder.part("one", kind, **{**as_opened, **words, **choices, **extra})
    assert answer.status_code == 302, answer.content.decode()
    (part,) = builder.form.pages[0].parts
    assert type(part) is KINDS[kind][0]
    again = builder.get("pages/one/parts/0")
    assert "What" in again
    if isinstance(part, Radios):
        assert [(one.key, one.name, one.hint) for one in part.choices] == [
            ("a-van-load", "A van load", "Up to 3 tonnes"), ("more", "More", ""),
        ]  # fmt: skip


def test_a_group_asks_its_own_questions(builder: Builder) -> None:
    builder.page("children", title="Children")
    builder.part("children", "group", label="Children", item="child", minimum="1", maximum="5", **WHY)
    answer = builder.post("pages/children/add?kind=text&group=0", label="Name", max_length="50", min_length="0", **WHY)
    assert answer.status_code == 302
    builder.post("pages/children/parts/0.0", label="First name", code="first", max_length="50", min_length="0", **WHY)
    (group,) = builder.form.pages[0].parts
    assert [one.label for one in group.questions] == ["First name"]  # type: ignore[union-attr]
    assert builder.form.questions()[0].code == "children"
    assert builder.post("pages/children/add?kind=text&group=7", label="Name").status_code == 404


def test_a_new_code_is_followed_by_the_rules(builder: Builder) -> None:
    branched(builder)
    builder.post("pages/here/parts/0", label="Do you live here?", code="resident", required="on", **WHY)
    assert builder.form.pages[0].next[0].when == {"==": [{"var": "resident"}, "no"]}


def test_conditions_are_put_together_in_words_and_taken_away(builder: Builder) -> None:
    branched(builder)
    path = "pages/street/rules/page"
    assert "Which answer decides?" in builder.get(path)
    assert 'value="no"' in builder.get(f"{path}?question=do_you_live_here")
    builder.post(f"{path}?question=do_you_live_here", compare="==", value="yes")
    builder.post(f"{path}?question=which_street", compare="answered")
    builder.post(path, do="or")
    assert builder.form.pages[1].shown_when == {
        "or": [{"==": [{"var": "do_you_live_here"}, "yes"]}, {"!!": [{"var": "which_street"}]}]
    }
    builder.post(path, do="remove:1")
    assert builder.form.pages[1].shown_when == {"==": [{"var": "do_you_live_here"}, "yes"]}
    builder.post(path, do="remove:0")
    assert [page.shown_when for page in builder.form.pages] == [None, None, None]
    assert builder.post(f"{path}?question=do_you_live_here", compare="==", value="").status_code == 422
    assert builder.post(path, do="remove:4").status_code == 404


def test_the_preview_is_the_real_form_and_reaches_nobody(builder: Builder) -> None:
    branched(builder)
    answer = builder.post("preview")
    assert answer["Location"] == "/forms/skip-permit"
    shown = builder.client.get("/forms/skip-permit/here").content.decode()
    assert "This is a test" in shown
    assert Client().get("/forms/skip-permit/here").status_code == 404
    builder.post("pages/here/ways", to="here")
    builder.post("draft", do="page:street:remove")
    builder.page("lost", title="Lost")
    builder.post("draft", do="page:lost:up")
    assert builder.post("preview").status_code == 422


def test_an_officer_drafts_and_does_not_publish(builder: Builder) -> None:
    branched(builder)
    officer = Builder(signed_in_as("olu", team="street-cleansing", role=Role.OFFICER))
    assert "A team manager or an administrator publishes it." in officer.get("draft")
    assert officer.post("publish").status_code == 403


def test_a_draft_is_thrown_away(builder: Builder) -> None:
    assert builder.post("discard")["Location"] == "/work/forms"
    assert queries.draft_of("skip-permit") is None


def test_a_renamed_choice_keeps_its_key_and_others_stay() -> None:
    first = choices_of("Van\nCar", ())
    renamed = choices_of("Small van | up to 1 tonne\nCar", first)
    assert [one.key for one in renamed] == ["van", "car"]
    assert [one.key for one in choices_of("Car\nVan\nVan", first)] == ["car", "van", "van"]


def test_the_list_says_state_version_and_how_often_it_was_sent(builder: Builder) -> None:
    branched(builder)
    builder.post("pages/street/parts/0", label="Which street?", required="on", max_length="100", min_length="0", **WHY)
    builder.post("publish")
    operations.send_form("skip-permit", 1, {"do_you_live_here": "yes", "which_street": "Mill Lane"}, by=PUBLIC, at=now(),
                         key="a", channel="web")  # fmt: skip
    shown = builder.client.get("/work/forms").content.decode()
    assert "Version 1 is published" in shown
    assert "Sent in 1 time" in builder.client.get("/work/forms/skip-permit").content.decode()


def test_the_last_changes_are_taken_back_one_by_one(builder: Builder) -> None:
    branched(builder)
    whole = builder.form
    builder.post("draft", do="page:street:remove")
    builder.post("about", title="Another title", service="")
    assert "Undo the last change" in builder.get("draft")
    builder.post("undo")
    assert (builder.form.title, len(builder.form.pages)) == ("Skip permit", 2)
    builder.post("undo")
    assert builder.form == whole
    for _number in range(20):
        if builder.post("undo").status_code == 404:
            break
    assert builder.form.pages == ()
    assert "Undo the last change" not in builder.get("draft")


def test_who_else_has_the_form_open_is_said(builder: Builder) -> None:
    officer = Builder(signed_in_as("olu", team="street-cleansing", role=Role.OFFICER))
    assert "has this form open too" not in officer.get("draft")
    assert "Olu has this form open too" in builder.get("draft")
    assert "Mo has this form open too" in officer.get("draft")


@pytest.mark.parametrize("role", [Role.OFFICER, Role.TEAM_MANAGER, Role.ADMINISTRATOR])
def test_no_page_leads_to_one_that_its_reader_may_not_open(builder: Builder, role: Role) -> None:
    branched(builder)
    reader = signed_in_as("una", team="street-cleansing", role=role)
    seen = [reader.get(path).content.decode() for path in ("/work/forms", f"/work/forms/{builder.code}")]
    links = {link for page in seen for link in re.findall(r'href="(/work/[^"#?]*)"', page)}

    assert len(links) > 3
    assert {link: status for link in links if (status := reader.get(link).status_code) >= 400} == {}
