"""Another system's settings: where it is, its secret, pausing it, asking whether it is well, sending a webhook everything again."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts import directory
from townhall.accounts.web import actor
from townhall.connectors import queries
from townhall.connectors.models import Connector
from townhall.connectors.operations import WEBHOOK
from townhall.connectors.protocol import kinds
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken, WrongState
from townhall.core.time import council_date, now
from townhall.workspace import connecting
from townhall.workspace.inputs import choice, day
from townhall.workspace.views.shared import add_problems

MAY = "deliveries.manage"
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
KIND_WORDS = {"waste": gettext_lazy("Waste and cleansing jobs"), "works": gettext_lazy("Works orders")}


class ConnectorForm(forms.Form):
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Short, and never changed: services name the system by it. For example, waste"),
        max_length=40,
        error_messages={
            "required": gettext_lazy("Enter a code"),
            "invalid": gettext_lazy("Use only letters without accents, numbers and hyphens"),
        },
    )
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, error_messages={"required": gettext_lazy("Enter a name")}
    )
    kind = choice(gettext_lazy("What it speaks"), missing=gettext_lazy("Select what it speaks"))
    base_url = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Where it takes calls, for example https://waste.example.org/api"),
        max_length=500,
        error_messages={"required": gettext_lazy("Enter its address")},
    )
    secret_name = forms.CharField(
        label=gettext_lazy("Environment variable with its secret (optional)"),
        help_text=gettext_lazy("When the other system gave you a secret. Otherwise we make one, and show it to you"),
        required=False,
        max_length=100,
    )
    owner_team = forms.ChoiceField(
        label=gettext_lazy("Team that looks after what it refuses (optional)"), required=False
    )

    def __init__(self, data: Any = None, *, known: Connector | None = None) -> None:
        super().__init__(data, initial=_initial(known))
        teams, kind = self.fields["owner_team"], self.fields["kind"]
        assert isinstance(teams, forms.ChoiceField)
        assert isinstance(kind, forms.ChoiceField)
        teams.choices = [("", _("None in particular")), *((str(one.id), one.name) for one in directory.all_teams())]
        kind.choices = [(one, KIND_WORDS.get(one, one)) for one in kinds() if one != WEBHOOK]
        if known is not None:
            del self.fields["code"]
        if known is not None and known.kind == WEBHOOK:
            del self.fields["kind"], self.fields["secret_name"]

    def clean_base_url(self) -> str:
        url = str(self.cleaned_data["base_url"]).strip()
        try:
            parts = urlsplit(url)
            is_address = bool(parts.scheme in ("http", "https") and parts.hostname) and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address or parts.username or parts.password:
            raise forms.ValidationError(_("Enter a web address that begins with https://"))
        return url

    def clean_secret_name(self) -> str:
        name = str(self.cleaned_data["secret_name"]).strip()
        if name and (not _VARIABLE.fullmatch(name) or name not in os.environ):
            raise forms.ValidationError(_("There is no environment variable of that name"))
        return name


class ReplayForm(forms.Form):
    since = day(gettext_lazy("Send again everything since"), missing=gettext_lazy("Enter a date"))


def _initial(known: Connector | None) -> dict[str, str]:
    if known is None:
        return {}
    return {
        "name": known.name,
        "kind": known.kind,
        "base_url": known.base_url,
        "secret_name": known.secret_name,
        "owner_team": str(known.owner_team_id or ""),
    }


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = ConnectorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = connecting.add(form.cleaned_data["code"], form.cleaned_data, by=actor(request), at=now())
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, _("It is set up, and paused. Check it, then start sending."))
            return redirect("workspace:system-settings", made.code)
    return _draw(request, form, None)


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, target: str) -> HttpResponse:
    known = _known(target)
    form = ConnectorForm(request.POST if request.method == "POST" else None, known=known)
    if form.is_valid():
        try:
            connecting.change(target, form.cleaned_data, by=actor(request), at=now())
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, _("The settings are changed."))
            return redirect("workspace:system-settings", target)
    return _draw(request, form, known)


@staff(may=MAY)
@require_POST
def switch(request: HttpRequest, target: str) -> HttpResponse:
    """Pause it, or go on."""
    goes_on = request.POST.get("to") == "on"
    _known(target)
    try:
        connecting.switch(target, is_enabled=goes_on, by=actor(request), at=now())
    except WrongState as error:
        messages.error(request, error.user_message)
        return redirect("workspace:system-settings", target)
    words = _("It is sent to again.") if goes_on else _("It is paused. What is to be sent waits.")
    messages.success(request, words)
    return redirect("workspace:system-settings", target)


@staff(may=MAY)
@require_POST
def check(request: HttpRequest, target: str) -> HttpResponse:
    """Ask the other system whether it is well, now."""
    _known(target)
    try:
        is_well = queries.is_well(target, at=now())
    except KeyError as error:
        messages.error(request, _("Its secret is not there: %(name)s is not set.") % {"name": error.args[0]})
    else:
        if is_well:
            messages.success(request, _("It answers, and says that it is well."))
        else:
            messages.error(request, _("It does not answer, or says that it is not well."))
    return redirect("workspace:system-settings", target)


@staff(may=MAY)
@never_cache
@require_POST
def secret(request: HttpRequest, target: str) -> HttpResponse:
    """Show the secret that was made for it, or make a new one. Shown on this answer alone."""
    known = _known(target)
    by, at = actor(request), now()
    try:
        if request.POST.get("to") == "new":
            shown = connecting.renew_secret(target, by=by, at=at)
            messages.success(request, _("The new secret is in use. Type it into the other system."))
        else:
            shown = connecting.show_secret(target, by=by, at=at)
    except RuleBroken as error:
        messages.error(request, str(error))
        return redirect("workspace:system-settings", target)
    return _draw(request, ConnectorForm(known=known), known, secret=shown)


@staff(may=MAY)
@require_POST
def replay(request: HttpRequest, target: str) -> HttpResponse:
    known = _known(target)
    form = ReplayForm(request.POST)
    if form.is_valid() and form.cleaned_data["since"] > council_date(now()):
        form.add_error("since", _("The date must be today or earlier"))
    if not form.is_valid():
        return _draw(request, ConnectorForm(known=known), known, replaying=form)
    try:
        connecting.replay(target, since=form.cleaned_data["since"], by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("It is sent everything since then again, each entry under the id it had."))
    return redirect("workspace:system", target)


def _known(target: str) -> Connector:
    try:
        return queries.connector(target)
    except NotFound as error:
        raise Http404 from error


def _draw(
    request: HttpRequest,
    form: ConnectorForm,
    known: Connector | None,
    *,
    secret: str = "",
    replaying: ReplayForm | None = None,
) -> HttpResponse:
    found = next((one for one in queries.health(at=now()) if known and one.target == known.code), None)
    context = {
        "form": form,
        "known": known,
        "health": found,
        "secret": secret,
        "is_webhook": known is not None and known.kind == WEBHOOK,
        "replaying": replaying or ReplayForm(),
    }
    is_wrong = bool(form.errors or (replaying is not None and replaying.errors))
    return render(request, "workspace/system_settings.html", context, status=422 if is_wrong else 200)
