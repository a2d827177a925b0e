"""What outreach adds to other apps: the last line of messages, a section of the newsletter, columns and rows of registers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from django.template.utils import get_app_template_dirs
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.catalogue import queries as catalogue
from townhall.catalogue import strict_yaml
from townhall.engagement import newsletter
from townhall.notifications import closing
from townhall.outreach import calendar, codes, nudging, participation
from townhall.registers import sources
from townhall.registers.models import Row
from townhall.registers.sources import Thing
from townhall.telephony import consistency
from townhall.workspace import register_figures
from townhall.workspace.register_figures import Figures

TRIGGER_POINTS = Path(calendar.__file__).with_name("trigger_points.yaml")
VISITS, CONTACTS = _("Visits"), _("Contacts that followed")


def connect() -> None:
    closing.register(nudging.closing)
    newsletter.add("consultations", participation.for_newsletter)
    sources.register("standard-messages", standard_messages)
    sources.register("trigger-points", trigger_points)
    sources.register("hours-shortfalls", consistency.things)
    register_figures.register(Figures(register="awareness-campaigns", names=(VISITS, CONTACTS), count=_brought))


def _brought(rows: Sequence[Row]) -> dict[UUID, Mapping[StrOrPromise, int]]:
    counts = codes.brought([row.code for row in rows])
    return {row.pk: {VISITS: counts[row.code][0], CONTACTS: counts[row.code][1]} for row in rows}


def standard_messages() -> Iterator[Thing]:
    """Every message to customers that has words of its own: those of the apps, and each service's own wording."""
    for folder in get_app_template_dirs("jinja2"):
        for path in sorted((Path(folder) / "notifications").rglob("*.md")):
            name = path.relative_to(Path(folder) / "notifications").with_suffix("").as_posix()
            if not name.startswith(("staff/", "check")):
                yield _thing(name, _title(name), path.read_text(encoding="utf-8"), "standard")
    for pack in catalogue.services():
        for update, words in sorted(pack.messages.items()):
            if words.body:
                title = f"{pack.name}: {words.subject or update}"
                yield _thing(f"{pack.code}/{update}", title, f"{words.subject}\n{words.body}", "service")


def trigger_points() -> Iterator[Thing]:
    """The days of the year that most councils have; what a council changes or closes in its register stays so."""
    known = {pack.code for pack in catalogue.services()}
    listed, _node = strict_yaml.load(TRIGGER_POINTS.read_text(encoding="utf-8"))
    for one in listed:
        given = {name: str(one[name]) for name in ("falls_on", "effect")}
        service = {"service": one["service"]} if one.get("service") in known else {}
        yield Thing(key=one["code"], title=one["title"], given={**given, **service})


def _thing(name: str, title: str, words: str, kind: str) -> Thing:
    digest = hashlib.sha256(words.encode()).hexdigest()[:20]
    return Thing(key=f"{kind}:{name}", title=title[:300], digest=digest, given={"name": name, "kind": kind})


def _title(name: str) -> str:
    """In words, as in the list of messages: "Case: received"."""
    app, _slash, what = name.partition("/")
    return f"{app}: {what}".replace("_", " ").capitalize() if what else name.capitalize()
