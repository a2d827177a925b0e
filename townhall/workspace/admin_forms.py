"""Forms of the managers' and administrators' pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ALWAYS_SENT, Outcome, ServicePack, Update
from townhall.neighbourhood.models import Incident
from townhall.workspace.inputs import choice, day, words
from townhall.workspace.looked_at import AREAS, REASONS

UPDATES: tuple[str, ...] = get_args(Update)
CALENDARS = (
    ("COUNCIL_OPEN", gettext_lazy("Days the council is open")),
    ("EW", gettext_lazy("Working days, bank holidays left out")),
    ("CALENDAR", gettext_lazy("Every day")),
)
UPDATE_WORDS = {
    "received": gettext_lazy("We have your report"),
    "accepted": gettext_lazy("Accepted"),
    "declined": gettext_lazy("Declined"),
    "scheduled": gettext_lazy("A date is set"),
    "date_changed": gettext_lazy("The date changed"),
    "handed_on": gettext_lazy("Handed to another team"),
    "waiting_for_customer": gettext_lazy("We have a question"),
    "done": gettext_lazy("Done"),
    "reopened": gettext_lazy("Opened again"),
    "update": gettext_lazy("How far it is"),
}


def update_words(update: str) -> str:
    return str(UPDATE_WORDS.get(update, update.replace("_", " ")))


class AuditForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What to look for"),
        choices=[("looks", gettext_lazy("Who looked")), ("changes", gettext_lazy("What was changed"))],
        widget=forms.RadioSelect,
        initial="looks",
    )
    subject = forms.CharField(
        label=gettext_lazy("Customer or case (optional)"),
        help_text=gettext_lazy("A name, address, postcode, email address, phone number or number; or a reference"),
        required=False,
        max_length=254,
    )
    staff = forms.CharField(
        label=gettext_lazy("Member of staff (optional)"),
        help_text=gettext_lazy("Their first name, full name or email address"),
        required=False,
        max_length=254,
    )
    area = forms.ChoiceField(
        label=gettext_lazy("About (optional)"),
        choices=[("", gettext_lazy("Everything")), *((code, one.title) for code, one in AREAS.items())],
        required=False,
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason given (optional)"),
        choices=[("", gettext_lazy("Any or none")), *REASONS.items()],
        required=False,
    )
    since = day(gettext_lazy("From (optional)"), required=False)
    until = day(gettext_lazy("To (optional)"), required=False)


class ServiceForm(forms.Form):
    """The parts of a catalogue entry that its owner changes from day to day; the rest is in its pack."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=300, error_messages={"required": gettext_lazy("Enter the name")}
    )
    summary = words(gettext_lazy("What it is for"), missing=gettext_lazy("Enter what it is for"), rows=2)
    who_may = words(gettext_lazy("Who may have it"), missing=gettext_lazy("Enter who may have it"), rows=2)
    done = words(
        gettext_lazy("What we do"), missing=gettext_lazy("Enter what we do"), hint=gettext_lazy("Markdown"), rows=8
    )
    days = forms.IntegerField(
        label=gettext_lazy("Published time, in days"),
        min_value=0,
        max_value=3650,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), gettext_lazy("Enter a number of days from 0 to 3650")
        ),
    )
    calendar = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=CALENDARS)
    note = forms.CharField(
        label=gettext_lazy("What the time does not cover (optional)"), required=False, max_length=300
    )
    next_step = words(
        gettext_lazy("What happens next, as the customer reads it"),
        missing=gettext_lazy("Enter what happens next"),
        rows=2,
    )
    updates = forms.MultipleChoiceField(
        label=gettext_lazy("Messages that are switched on"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(update, update_words(update)) for update in UPDATES],
        required=False,
        help_text=gettext_lazy("“We have your report”, “Declined” and “Done” are always sent"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, pack: ServicePack, version: int) -> None:
        groups = {setting.update: setting.trial_group for setting in pack.updates}
        super().__init__(data, initial=_as_it_is(pack, version))
        for refusal in pack.refused:
            self.fields[f"reason_{refusal.code}"] = forms.CharField(
                label=_("Refused because: %(code)s") % {"code": refusal.code},
                max_length=300,
                initial=refusal.reason,
                error_messages={"required": _("Enter the reason")},
            )
            self.fields[f"explanation_{refusal.code}"] = words(
                _("What the customer is told then: %(code)s") % {"code": refusal.code},
                missing=_("Enter what the customer is told"),
                rows=3,
            )
            self.fields[f"explanation_{refusal.code}"].initial = refusal.explanation
        for update in UPDATES:
            if update not in ALWAYS_SENT:
                self.fields[f"trial_{update}"] = forms.CharField(
                    label=_("“%(update)s” only for the trial group (optional)") % {"update": update_words(update)},
                    required=False,
                    max_length=60,
                    initial=groups.get(update, ""),  # type: ignore[call-overload]
                )
            kept = pack.messages.get(update)  # type: ignore[call-overload]
            self.fields[f"subject_{update}"] = forms.CharField(
                label=_("Own subject of “%(update)s” (optional)") % {"update": update_words(update)},
                required=False,
                max_length=200,
                initial=kept.subject if kept else "",
            )
            self.fields[f"body_{update}"] = words(
                _("Own words of “%(update)s” (optional)") % {"update": update_words(update)}, rows=3
            )
            self.fields[f"body_{update}"].initial = kept.body if kept else ""

    def changes(self, pack: ServicePack) -> dict[str, Any]:
        """What to hand to the catalogue, in the shape of a pack."""
        given = self.cleaned_data
        on = set(given["updates"]) | set(ALWAYS_SENT)
        return {
            "name": given["name"],
            "summary": given["summary"],
            "who_may": given["who_may"],
            "done": given["done"],
            "next_step": given["next_step"],
            "published": {"days": given["days"], "calendar": given["calendar"], "note": given["note"]},
            "refused": [
                {
                    "code": one.code,
                    "reason": given[f"reason_{one.code}"],
                    "explanation": given[f"explanation_{one.code}"],
                }
                for one in pack.refused
            ],
            "updates": [
                {"update": update, "trial_group": given.get(f"trial_{update}", "")}
                for update in UPDATES
                if update in on
            ],
            "messages": {
                update: {"subject": given[f"subject_{update}"], "body": given[f"body_{update}"]}
                for update in UPDATES
                if given[f"subject_{update}"] or given[f"body_{update}"]
            },
        }


def _as_it_is(pack: ServicePack, version: int) -> dict[str, Any]:
    return {
        "name": pack.name,
        "summary": pack.summary,
        "who_may": pack.who_may,
        "done": pack.done,
        "days": pack.published.days,
        "calendar": pack.published.calendar,
        "note": pack.published.note,
        "next_step": pack.next_step,
        "updates": [setting.update for setting in pack.updates],
        "version": version,
    }


class IncidentForm(forms.Form):
    service_code = forms.ChoiceField(
        label=gettext_lazy("Service"), error_messages={"required": gettext_lazy("Select the service")}
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=Incident.Scope.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Select an address, a street, a round or a ward")},
    )
    scope_code = forms.CharField(
        label=gettext_lazy("Which one"),
        help_text=gettext_lazy(
            "An address or street in words, its UPRN or USRN, the code of a round, or the name of a ward"
        ),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter which one")},
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        help_text=gettext_lazy("For example: Recycling not collected today"),
        error_messages={"required": gettext_lazy("Enter a title")},
    )
    message = words(gettext_lazy("What residents are told"), missing=gettext_lazy("Enter what residents are told"))
    reason = forms.CharField(label=gettext_lazy("The crew’s reason (optional)"), required=False, max_length=200)
    ends_on = day(
        gettext_lazy("Until (optional)"),
        required=False,
        hint=gettext_lazy("Leave it empty until somebody says that it is over"),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        services = [(pack.code, pack.name) for pack in catalogue.services()]
        self.fields["service_code"].choices = [("", _("Select a service")), *services]  # type: ignore[attr-defined]


class MoveCollectionsForm(forms.Form):
    from_on = day(gettext_lazy("Usual day"), missing=gettext_lazy("Enter the usual day"))
    to_on = day(
        gettext_lazy("Collected instead on (optional)"),
        required=False,
        hint=gettext_lazy("Leave it empty when there is no collection at all"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Residents read it. For example: Christmas Day"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter why")},
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        from_on, to_on = given.get("from_on"), given.get("to_on")
        if from_on and from_on < self.today:
            self.add_error("from_on", _("The usual day must be today or later"))
        if to_on and (to_on == from_on or to_on < self.today):
            self.add_error("to_on", _("The other day must be today or later, and not the usual one"))
        return given


class IncidentEndForm(forms.Form):
    message = words(
        gettext_lazy("What those affected are told (optional)"),
        hint=gettext_lazy("They are told that it is over, and this"),
    )


class CleanUpForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What to do with the cases you choose"),
        choices=[
            ("chase", gettext_lazy("Chase: ask their teams, and tell the customers if you write something")),
            ("close", gettext_lazy("Close: with one outcome, telling every customer")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Select whether to chase or to close")},
    )
    outcome_code = choice(gettext_lazy("Outcome"), missing=gettext_lazy("Select what was done"))
    words = words(
        gettext_lazy("What the customers are told"),
        hint=gettext_lazy("Needed when closing. Without it a chase asks the teams alone"),
    )

    def __init__(self, data: Any = None, *, outcomes: Sequence[Outcome] = ()) -> None:
        """outcomes: those that all the chosen cases may end with."""
        super().__init__(data)
        field = self.fields["outcome_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.code, one.name) for one in outcomes]
        field.required = False  # a chase has none; the operation asks for it
