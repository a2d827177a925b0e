from __future__ import annotations

from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.access import cases_visible_to
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_staff, make_team
from townhall.core.time import now
from townhall.workspace.case_page import visible


def test_what_the_page_opens_is_what_the_rule_says_for_every_role() -> None:
    ours, theirs, offered = make_case(at=now()), make_case("pothole", at=now()), make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.offer(offered.pk, to_team_id=make_team("highways").pk, note="", by=by, at=now())

    for team in ("street-cleansing", "highways", "corporate"):
        for role in Role:
            reader = make_staff(f"{team}-{role}".lower(), team=team, role=role)
            allowed = set(cases_visible_to(reader).values_list("reference", flat=True))
            opened = {one.reference for one in (ours, theirs, offered) if visible(one.reference, by=reader)}
            assert opened == allowed, (team, role)


def test_the_case_that_is_read_is_the_case_that_is_kept() -> None:
    made = make_case(at=now())
    Case.objects.filter(pk=made.pk).update(attributes={"size": "van", "waste": ["tyres"]})
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)

    read = visible(made.reference, by=by)

    kept = Case.objects.get(pk=made.pk)
    assert read is not None
    assert {name: getattr(read, name) for name in _names()} == {name: getattr(kept, name) for name in _names()}


def _names() -> list[str]:
    return [field.attname for field in Case._meta.concrete_fields]
