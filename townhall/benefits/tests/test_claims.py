"""A benefit claim (FORM-07): assessed as it is sent, accepted at once or verified, and overridden with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps

from townhall.accounts.models import Role
from townhall.benefits import operations, publishing, queries, ruling
from townhall.benefits.models import Assessment
from townhall.benefits.scoring import commitment, draw, score
from townhall.benefits.seeds import our_rules
from townhall.benefits.tests.makers import FORM, SELF_EMPLOYED, claim, make_benefits, share_checked
from townhall.cases.models import Case, Task
from townhall.cases.tests.makers import make_staff
from townhall.connectors.models import Delivery
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.time import now
from townhall.forms import queries as forms
from townhall.ledger.models import Entry
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _council() -> None:
    make_benefits()


def officer() -> Actor:
    return make_staff("una", team="revenues", role=Role.OFFICER)


def manager(name: str) -> Actor:
    return make_staff(name, team="revenues", role=Role.TEAM_MANAGER, post=f"revenues-{name}")


def current(case: Case) -> Assessment:
    found = queries.current(case.pk)
    assert found is not None
    return found


@pytest.mark.capability("FORM-07")
def test_a_low_claim_is_accepted_as_it_is_sent_and_the_documents_are_emailed() -> None:
    case = claim()

    assert case.state == "accepted"
    made = current(case)
    assert (made.band, made.points, made.accepted_itself, made.decided_by) == ("low", 0, True, "rules")
    assert not Task.objects.exists()
    (told,) = Message.objects.filter(template="benefit/documents")
    assert told.recipient_address == "pearl@example.org"
    assert "A letter or a bank statement that shows your pension" in told.body_text
    assert "payslips" not in told.body_text, "only what fits the claim"
    assert Delivery.objects.get(case_id=case.pk).target == "benefits"


@pytest.mark.capability("FORM-07")
def test_a_medium_claim_makes_a_task_for_each_reason_and_an_officer_accepts_it_after_all() -> None:
    case = claim(**SELF_EMPLOYED)

    assert case.state == "awaiting_decision"
    made = current(case)
    assert (made.band, made.points) == ("medium", 25)
    assert [one["code"] for one in made.reasons] == ["self-employed"]
    (task,) = Task.objects.all()
    assert task.title.startswith("Check the profit from self-employment")
    assert not Message.objects.filter(template="benefit/documents").exists()

    by = officer()
    with pytest.raises(BadInput):
        operations.override(case.pk, band="low", reason=" ", by=by, at=now())
    with pytest.raises(BadInput):
        operations.override(case.pk, band="medium", reason="No change", by=by, at=now())
    operations.override(case.pk, band="low", reason="The accounts came with the last claim.", by=by, at=now())

    case.refresh_from_db()
    task.refresh_from_db()
    made = current(case)
    assert (case.state, task.state) == ("accepted", "cancelled")
    assert (made.band, made.band_now) == ("medium", "low"), "both are kept"
    (kept,) = made.overrides.all()
    assert (kept.was, kept.band, kept.by_id) == ("medium", "low", by.id)
    assert kept.reason == "The accounts came with the last claim."
    assert Entry.objects.filter(verb="benefit.overridden", case_id=case.pk).count() == 1
    assert Message.objects.filter(template="benefit/documents").count() == 1


def test_who_is_on_another_team_overrides_nothing() -> None:
    case = claim(**SELF_EMPLOYED)
    adviser = make_staff("amina", team="customer-services", role=Role.ADVISER)
    with pytest.raises(NotAllowed):
        operations.override(case.pk, band="low", reason="Because", by=adviser, at=now())
    assert current(case).band_now == "medium"


def test_a_low_claim_that_is_drawn_is_checked() -> None:
    share_checked(100)
    case = claim()

    made = current(case)
    assert (case.state, made.band, made.is_sampled) == ("awaiting_decision", "low", True)
    assert [task.title for task in Task.objects.all()] == ["Check the whole claim: it was drawn by chance"]
    register = queries.register(FORM, since=now() - timedelta(days=1), until=now() + timedelta(days=1))
    assert (register.claims, register.accepted, register.sampled, register.overridden) == (1, 0, 1, 0)


def test_an_accepted_claim_can_be_made_high_and_is_then_verified() -> None:
    case = claim()
    operations.override(case.pk, band="high", reason="A neighbour wrote.", by=officer(), at=now())

    assert Task.objects.get().title == "Check the claim: A neighbour wrote."
    assert current(case).band_now == "high"


def test_the_draw_is_proved_from_the_key_that_was_committed_to() -> None:
    case = claim()
    made = current(case)
    key = bytes(made.ruleset.sample_key)
    (entry,) = Entry.objects.filter(verb="benefit_rules.published")

    assert entry.data["key"] == commitment(key)
    assert made.draw == draw(case.pk, key=key)
    again = score(queries.rules_of(made.ruleset), forms.submission(case.pk).answers, submission_id=case.pk, key=key)
    assert (again.points, again.band) == (made.points, made.band)


def assessed(code: str) -> None:
    """The app above that keeps assessments has one of these rules, signed."""
    values = {"purpose": "Fewer checks", "risks": "More mistakes", "measures": "A sample", "recorded_at": now()}
    apps.get_model("governance", "Assessment").objects.create(
        kind="rules", code=code, is_approved=True, signed_at=now(), **values
    )


@pytest.mark.capability("FORM-07")
def test_later_rules_are_for_later_claims_and_are_published_by_a_second_person() -> None:
    earlier = claim(**SELF_EMPLOYED)
    text = ruling.write(our_rules()[0]).replace("medium_from: 20", "medium_from: 30")
    text = text.replace("sample_percent: 5", "sample_percent: 0")
    writer, reader = manager("piers"), manager("lena")
    publishing.save_draft(FORM, text, note="Fewer checks", by=writer, at=now())
    assert current(claim(**SELF_EMPLOYED)).band == "medium", "a draft decides nothing"
    with pytest.raises(NotAllowed):
        publishing.publish(FORM, by=writer, at=now())
    with pytest.raises(WrongState):  # nor before its assessment is signed
        publishing.publish(FORM, by=reader, at=now())
    assessed(f"{FORM}:2")
    publishing.publish(FORM, by=reader, at=now())

    assert current(claim(**SELF_EMPLOYED)).accepted_itself
    assert current(earlier).ruleset.version == 1, "nothing is assessed again by itself"
    operations.assess_again(earlier.pk, by=officer(), at=now())
    both = queries.all_of(earlier.pk)
    assert [(one.number, one.band, one.ruleset.version, one.is_current) for one in both] == [
        (2, "low", 2, True),
        (1, "medium", 1, False),
    ]
    earlier.refresh_from_db()
    assert earlier.state == "awaiting_decision", "it only says what the rules say"
    with pytest.raises(WrongState):
        operations.assess_again(earlier.pk, by=officer(), at=now())


def test_our_rules_fit_our_form_and_may_not_read_what_never_counts() -> None:
    (rules,) = our_rules()
    questions = forms.flow(FORM).questions
    assert ruling.problems(rules, questions=questions) == []
    assert ruling.read(ruling.write(rules)) == rules

    text = ruling.write(rules).replace("var: savings", "var: reason", 1)
    (fault,) = ruling.problems(ruling.read(text), questions=questions)
    assert "reason, which may never count: Your age" in fault


@pytest.mark.parametrize("wrong", ["rules: [", "form: x\nsurprise: 1", "form: housing-benefit-claim"])
def test_rules_that_cannot_be_read_say_where(wrong: str) -> None:
    with pytest.raises(BadInput) as raised:
        ruling.read(wrong)
    assert "Line" in raised.value.problems["rules"]
