"""Forms that stand beside service packs as `form.yaml`: loaded in one go, all or none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction

from townhall.core.actors import Actor
from townhall.forms.definition import Form
from townhall.forms.errors import FormRefused
from townhall.forms.models import FormDefinition
from townhall.forms.operations.definitions import publish_form
from townhall.forms.problems import problems, unexplained
from townhall.forms.reading import read_yaml


def read_forms(folder: Path) -> list[Form]:
    """Every form in `folder/<service>/form.yaml`. Raises FormRefused with the faults of all of them, each with its file."""
    forms: list[Form] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*/form.yaml")):
        name = f"{path.parent.name}/{path.name}"
        try:
            form = read_yaml(path.read_text(encoding="utf-8"), file=name)
        except FormRefused as error:
            faults += error.faults
            continue
        if form.service != path.parent.name:
            faults.append(f"{name}: $.service: The service must be the folder's name.")
        faults += [f"{name}: {fault}" for fault in (*problems(form), *unexplained(form))]
        forms.append(form)
    if faults:
        raise FormRefused(faults)
    return forms


@transaction.atomic
def load_forms(folder: Path, *, by: Actor, at: datetime, reason: str = "") -> list[str]:
    """Publish what is new or changed in the folder; the codes. Loading twice is loading once. reason: as `publish`."""
    before = set(FormDefinition.objects.values_list("code", "version"))
    read = read_forms(folder)
    return [form.code for form in read if (form.code, publish_form(form, by=by, at=at, reason=reason)) not in before]
