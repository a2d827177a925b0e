"""Conversations of a customer who keeps coming back, and a recorded basis of sharing, so that the desk's pages have something on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from townhall.accounts.models import Team, User
from townhall.accounts.queries import actor_for
from townhall.config.demo.governing import assess
from townhall.config.demo.homes import TENANT
from townhall.contacts import operations as contacts
from townhall.contacts.operations import WrapUp
from townhall.customers import sharing
from townhall.customers.models import Customer
from townhall.governance.models import Assessment

_SAID: Final = (  # days ago, service, outcome, notes
    (19, "missed-bin", "resolved", "Told her the day had moved for the bank holiday."),
    (5, "missed-bin", "resolved", "The crew was delayed; told her they come tomorrow."),
    (2, "missed-bin", "referred", "Not emptied again. Report made."),
    (1, "council-tax-instalments", "resolved", "Explained the ten instalments."),
)


def load_desk(*, at: datetime) -> None:
    """Once, into a fresh demo, after its homes."""
    customer = Customer.objects.get(name=TENANT)
    by = actor_for(User.objects.get(name="Amina Larkspur"), at=at)
    for days, service, outcome, notes in _SAID:
        then = at - timedelta(days=days, hours=2)
        made = contacts.start(channel="phone", by=by, at=then, customer_id=customer.pk)
        answers = WrapUp(
            reason_code="information",
            outcome=outcome,
            avoidable=False,
            anything_else=False,
            notes=notes,
            service_code=service,
        )
        contacts.wrap_up(made.pk, answers, by=by, at=then)
    senior = User.objects.filter(posts_held__post__role="senior_manager").order_by("name")[0]
    assess(
        Assessment.Kind.SHARING,
        "council-tax-move:housing",
        purpose="Housing sees who has told council tax of a move.",
        risks="More staff than before see where somebody moves to.",
        measures="One team, one service; every look is kept.",
        at=at - timedelta(days=45),
    )
    sharing.record_basis(
        service="council-tax-move",
        readers="team",
        team_id=Team.objects.get(code="housing").pk,
        basis="public_task",
        why="Housing checks that whoever takes up a tenancy has told us of the move.",
        by=actor_for(senior, at=at),
        at=at - timedelta(days=40),
    )
