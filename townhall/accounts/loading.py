"""Staff from an earlier system: who they are and which role they hold in which team. Each then gets a link to choose a password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import operations
from townhall.accounts.commands import post_in
from townhall.accounts.models import PostHolder, Role, User
from townhall.core.actors import SYSTEM
from townhall.core.errors import RuleBroken
from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.core.loading.kept import Made, store_once
from townhall.core.time import council_date

COLUMNS = {
    "id": ("id", "staff_id", "employee_number", "payroll_number"),
    "email": ("email", "email_address"),
    "name": ("name", "full_name"),
    "role": ("role", "job"),
    "team": ("team", "department"),
}


def _read(given: Given, batch: Batch) -> Values:
    del batch
    email = given.text("email", most=254, required=True).lower()
    name = given.text("name", most=200, required=True)
    if email and name:
        try:
            operations.check_person(email, name)
        except RuleBroken as error:
            given.wrong("email", str(error))
    return {
        "external_id": given.text("id", most=200) or email,
        "email": email,
        "name": name,
        "role": given.code("role", among=Role.values, required=True),
        "team": given.text("team", most=200, required=True),
    }


def _store(rows: list[Values], batch: Batch) -> Stored:
    return store_once(rows, batch, _make)


@transaction.atomic
def _make(rows: list[Values], batch: Batch) -> Sequence[Made]:
    """Somebody whose email address is here already gets the post; they are not made twice."""
    made: list[Made] = []
    for row in rows:
        those: list[tuple[str, object]] = []
        user = User.objects.filter(email=row["email"]).first()
        if user is None:
            user = operations.create_user(email=row["email"], name=row["name"], by=SYSTEM, at=batch.at)
            those.append(("accounts_user", user.pk))
        post = post_in(row["role"], row["team"])
        if not PostHolder.objects.filter(user=user, post=post, until_on=None).exists():
            held = operations.hold_post(user.pk, post.pk, from_on=council_date(batch.at), by=SYSTEM, at=batch.at)
            those.append(("accounts_postholder", held.pk))
        made.append(those or [("", "")])
    return made


def used(rows: Sequence[str], *, began_at: datetime, by: str) -> Mapping[str, str]:
    """Those who have signed in."""
    del began_at, by
    found = User.objects.filter(pk__in=list(rows), last_login__isnull=False).values_list("pk", flat=True)
    return {str(key): _("they have signed in since") for key in found}


STAFF = Kind(
    code="staff",
    columns=COLUMNS,
    id="id",
    read=_read,
    key=lambda row: str(row["external_id"]),
    store=_store,
    required=("email", "name", "role", "team"),
)
