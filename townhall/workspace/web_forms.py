"""The forms of the moves. What may be chosen comes from the case's service; the rules are the operations'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.accounts import directory
from townhall.accounts.models import Team
from townhall.cases.models import Case
from townhall.cases.reached import ReachedCouncillor
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.workspace.inputs import choice, day, days, words


class MoveForm(forms.Form):
    """A form about one case, filled by one person."""

    def __init__(self, data: Any = None, files: Any = None, *, case: Case, by: Actor) -> None:
        super().__init__(data, files)
        self.case, self.by = case, by
        self.prepare()

    def prepare(self) -> None:
        """Fill in what may be chosen."""


class Nothing(MoveForm):
    """Only a button."""


class Accept(MoveForm):
    scheduled_on = day(
        gettext_lazy("Date of the work (optional)"),
        required=False,
        hint=gettext_lazy("Leave it empty when the date is not known yet"),
    )


class Decline(MoveForm):
    reason_code = choice(gettext_lazy("Policy reason"), missing=gettext_lazy("Select a policy reason"))
    words = words(
        gettext_lazy("Anything to add for the customer (optional)"),
        hint=gettext_lazy("The explanation of the reason is sent in any case"),
    )

    def prepare(self) -> None:
        refused = catalogue.service(self.case.service_code).refused
        self.fields["reason_code"].choices = [(one.code, one.reason) for one in refused]  # type: ignore[attr-defined]


class Ask(MoveForm):
    question = words(
        gettext_lazy("Question for the customer"),
        missing=gettext_lazy("Enter the question for the customer"),
        hint=gettext_lazy("The promised date waits while we wait for the answer"),
    )


class Schedule(MoveForm):
    scheduled_on = day(gettext_lazy("Date of the work"), missing=gettext_lazy("Enter the date of the work"))


class Complete(MoveForm):
    outcome_code = choice(gettext_lazy("What was done?"), missing=gettext_lazy("Select what was done"))
    outcome_text = words(
        gettext_lazy("What the customer is told about it (optional)"),
        hint=gettext_lazy("For example: We took the sofa away and swept the verge"),
    )
    photo = forms.FileField(
        label=gettext_lazy("Photo of the finished work (optional)"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("It is shown to the public once it is approved"),
    )

    def prepare(self) -> None:
        outcomes = catalogue.service(self.case.service_code).outcomes
        self.fields["outcome_code"].choices = [(one.code, one.name) for one in outcomes]  # type: ignore[attr-defined]


class Tell(MoveForm):
    words = words(
        gettext_lazy("Anything to add to the message (optional)"),
    )


class CloseWithoutMessage(MoveForm):
    no_message_reason = words(
        gettext_lazy("Why is the customer not told?"), missing=gettext_lazy("Enter why the customer is not told")
    )


class Take(MoveForm):
    post = choice(gettext_lazy("Take it as"), missing=gettext_lazy("Select the post you take it for"))

    def prepare(self) -> None:
        held = [directory.post_by_id(post) for post in self.by.posts]
        fitting = [(str(post.id), post.title) for post in held if post.team_id == self.case.doer_team_id]
        self.fields["post"].choices = sorted(fitting, key=lambda one: one[1])  # type: ignore[attr-defined]
        if len(fitting) == 1:
            self.fields["post"].initial = fitting[0][0]


class Offer(MoveForm):
    to_team = forms.ChoiceField(
        label=gettext_lazy("Offer to"),
        error_messages={
            "required": gettext_lazy("Select a team"),
            "invalid_choice": gettext_lazy("Select a team"),
        },
    )
    note = words(
        gettext_lazy("Note for them (optional)"),
        hint=gettext_lazy("You stay responsible until they accept"),
        rows=3,
    )

    def prepare(self) -> None:
        teams = [(str(team.id), team.name) for team in directory.all_teams() if team.id != self.case.doer_team_id]
        self.fields["to_team"].choices = [("", _("Select a team")), *teams]  # type: ignore[attr-defined]


class ReturnOffer(MoveForm):
    reason = words(gettext_lazy("Why are you returning it?"), missing=gettext_lazy("Enter why you are returning it"))


class Merge(MoveForm):
    into = forms.CharField(
        label=gettext_lazy("Reference of the report to join it to"),
        max_length=40,
        help_text=gettext_lazy("For example TH-7K3M-92QX"),
        error_messages={"required": gettext_lazy("Choose a report, or enter its reference")},
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )


class Refer(MoveForm):
    body = forms.CharField(
        label=gettext_lazy("Who was it passed to?"),
        max_length=200,
        help_text=gettext_lazy("The name of the organisation, which the customer is told"),
        error_messages={"required": gettext_lazy("Enter who it was passed to")},
    )


class Extend(MoveForm):
    until_on = day(gettext_lazy("New date"), missing=gettext_lazy("Enter the new date"))
    reason = words(
        gettext_lazy("Reason for more time"),
        missing=gettext_lazy("Enter the reason for more time"),
        hint=gettext_lazy("The customer is told the new date and this reason"),
    )


class Reopen(MoveForm):
    reason = words(
        gettext_lazy("Why is it opened again?"),
        missing=gettext_lazy("Enter why it is opened again"),
        hint=gettext_lazy("Kept for staff. Everyone who follows is told that it is open again"),
    )


class StaffNote(MoveForm):
    text = words(gettext_lazy("Note"), missing=gettext_lazy("Enter the note"), hint=gettext_lazy("Only staff see it"))


class Councillor(MoveForm):
    councillor = forms.CharField(
        label=gettext_lazy("Councillor"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter the councillor's name")},
    )
    cause = choice(gettext_lazy("Why did it come to that?"), missing=gettext_lazy("Select why it came to that"))
    words = words(gettext_lazy("What they wrote (optional)"), hint=gettext_lazy("Only staff see it"))

    def prepare(self) -> None:
        self.fields["cause"].choices = ReachedCouncillor.Cause.choices  # type: ignore[attr-defined]


class Update(MoveForm):
    text = words(
        gettext_lazy("How far is it?"),
        missing=gettext_lazy("Enter how far it is"),
        hint=gettext_lazy("Everyone who follows is told, and it is shown on the public page"),
    )


PARTS = 3  # given to other services on one page


class Split(MoveForm):
    """Up to PARTS parts at once; lines left empty are left out."""

    def prepare(self) -> None:
        services = [("", _("Select a service")), *((pack.code, pack.name) for pack in catalogue.services())]
        for number in range(1, PARTS + 1):
            optional = "" if number == 1 else " " + _("(optional)")
            self.fields[f"service_{number}"] = forms.ChoiceField(
                label=_("Service for part %(number)s") % {"number": number} + optional,
                choices=services,
                required=number == 1,
                error_messages={"required": _("Select the service for part 1")},
            )
            self.fields[f"title_{number}"] = forms.CharField(
                label=_("What they are to do, part %(number)s") % {"number": number} + optional,
                required=number == 1,
                max_length=300,
                error_messages={"required": _("Enter what is to be done in part 1")},
            )
            self.fields[f"days_{number}"] = days(
                _("Working days to do it, part %(number)s") % {"number": number} + optional, initial=5
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in range(2, PARTS + 1):
            service, title = given.get(f"service_{number}"), given.get(f"title_{number}")
            if service and not title:
                self.add_error(f"title_{number}", _("Enter what is to be done in part %(number)s") % {"number": number})
            elif title and not service:
                self.add_error(f"service_{number}", _("Select the service for part %(number)s") % {"number": number})
        return given


class Contractor(MoveForm):
    """The contract of the service's own routing is filled in where there is one."""

    team = forms.ChoiceField(
        label=gettext_lazy("Contractor"),
        error_messages={
            "required": gettext_lazy("Select a contractor"),
            "invalid_choice": gettext_lazy("Select a contractor"),
        },
    )
    contract_ref = forms.CharField(
        label=gettext_lazy("Contract reference"),
        max_length=300,
        error_messages={"required": gettext_lazy("Enter the contract reference")},
    )
    obligations = words(
        gettext_lazy("What the contract binds them to"),
        missing=gettext_lazy("Enter what the contract binds them to"),
    )
    days = days(gettext_lazy("Working days to do it"))

    def prepare(self) -> None:
        teams = [team for team in directory.all_teams() if team.kind == Team.Kind.CONTRACTOR]
        named = [(str(team.id), team.name) for team in teams]
        self.fields["team"].choices = named if len(named) == 1 else [("", _("Select a contractor")), *named]  # type: ignore[attr-defined]
        known = next((rule for rule in catalogue.service(self.case.service_code).routing if rule.contract), None)
        if known is not None and known.contract is not None:
            self.fields["contract_ref"].initial = known.contract.reference
            self.fields["obligations"].initial = known.contract.obligations
            self.fields["days"].initial = known.contract.days
            self.fields["team"].initial = next((str(team.id) for team in teams if team.code == known.team), None)


class EndPart(MoveForm):
    result = words(gettext_lazy("What was done? (optional)"), hint=gettext_lazy("For whoever leads the case"))


class CancelPart(MoveForm):
    reason = words(gettext_lazy("Why is it not needed?"), missing=gettext_lazy("Enter why it is not needed"))
