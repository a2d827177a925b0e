"""Where each member of staff begins."""

from __future__ import annotations

from django.urls import reverse

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.ui.site import path_to

# Where staff begin, by what they may do; the first page that exists.
FIRST_PAGES = (
    ("work.open", "workspace:queue"),
    ("payments.reconcile", "workspace:payments"),
    ("contractor.work", "workspace:contractor"),
    ("partner.work", "workspace:partner_queue"),
    ("figures.see", "workspace:exceptions"),
    ("people.administer", "accounts:people"),
)


def first_page(by: Actor) -> str:
    for capability, name in FIRST_PAGES:
        if permissions.may(by, capability).allowed and (path := path_to(name)):
            return path
    return reverse("accounts:sessions")
