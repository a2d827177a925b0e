"""What happens to a form itself: drafted, published, rolled back, taken away. Each version stays, as submissions were made on it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from townhall.core import events
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound, WrongState
from townhall.core.subjects import Subject
from townhall.core.turns import take_turn
from townhall.forms import gates, queries
from townhall.forms.definition import Form
from townhall.forms.errors import FormRefused
from townhall.forms.events import FormPublished
from townhall.forms.models import FormDefinition
from townhall.forms.problems import FORM_CODE, problems, unexplained
from townhall.forms.reading import from_builtins, read_yaml, to_builtins
from townhall.forms.states import State
from townhall.ledger import operations as ledger


@transaction.atomic
def save_form(form: Form, *, by: Actor, at: datetime, revision: int | None = None, note: str = "") -> FormDefinition:
    """Keep the form as the draft of its next version. It may have faults still; only its code must do.

    revision: of the draft that was being looked at, or 0 when there was none. Raises WrongState when somebody saved it meanwhile,
    FormRefused when the code will not do.
    """
    if not FORM_CODE.match(form.code):
        raise FormRefused([_("The code may have small letters, digits and hyphens only.")])
    row = _draft(form.code)
    if revision is not None and revision != (row.revision if row else 0):
        raise WrongState
    if row is None:
        row = FormDefinition(code=form.code, version=_highest(form.code) + 1, state=State.DRAFT, revision=0)
    plain = to_builtins(form)
    if row.revision and row.definition == plain and row.note == (note or row.note):
        return row
    row.definition, row.revision, row.note = plain, row.revision + 1, note or row.note
    _stamp(row, by=by, at=at)
    row.save()
    _record("form.saved", row, by=by, at=at)
    return row


def save_yaml(text: str, *, by: Actor, at: datetime, revision: int | None = None, note: str = "") -> FormDefinition:
    """`save_form` of a form written as YAML. Raises FormRefused with the line and what is wrong there."""
    return save_form(read_yaml(text), by=by, at=at, revision=revision, note=note)


@transaction.atomic
def publish(code: str, *, by: Actor, at: datetime, revision: int | None = None, reason: str = "") -> int:
    """Publish the draft; its version. The one published before is retired, and stays for what was begun on it.

    reason: why it has to be, where a higher app keeps the gate (`forms.gates`) and would refuse it otherwise.
    Raises NotFound without a draft, WrongState as `save_form`, FormRefused with every fault: one is a question without its reason
    or without what uses it (FORM-02).
    """
    row = _draft(code)
    if row is None:
        raise NotFound
    if revision is not None and revision != row.revision:
        raise WrongState
    form = from_builtins(row.definition)
    if faults := [*problems(form), *unexplained(form)]:
        raise FormRefused(faults)
    gates.publishing.passes(_published(code), form, reason=reason, by=by, at=at)
    _retire(code, by=by, at=at)
    row.state, row.published_at = State.PUBLISHED, at
    _stamp(row, by=by, at=at)
    row.save()
    _record("form.published", row, by=by, at=at)
    events.publish(FormPublished(code=code, version=row.version, at=at))
    _forget()
    return row.version


@transaction.atomic
def roll_back(code: str, *, to: int, by: Actor, at: datetime) -> int:
    """Publish an earlier version again, as a new version with the same words; its number. A draft in work stays as it is.

    Raises NotFound, and WrongState when that version was never published or is the published one.
    """
    _lock(code)
    old = FormDefinition.objects.filter(code=code, version=to).first()
    if old is None:
        raise NotFound
    if old.state != State.RETIRED:
        raise WrongState
    words = _("Version %(number)s was published again.") % {"number": to}
    gates.publishing.passes(_published(code), from_builtins(old.definition), reason=words, by=by, at=at)
    _retire(code, by=by, at=at)
    row = FormDefinition(code=code, version=_highest(code) + 1, state=State.PUBLISHED, definition=old.definition)
    row.published_at = at
    _stamp(row, by=by, at=at)
    row.save()
    _record("form.rolled_back", row, by=by, at=at, to=to)
    events.publish(FormPublished(code=code, version=row.version, at=at))
    _forget()
    return row.version


@transaction.atomic
def retire_form(code: str, *, by: Actor, at: datetime) -> None:
    """Take the published version away: nobody can begin it any more. Raises NotFound when none is published."""
    _lock(code)
    if not _retire(code, by=by, at=at):
        raise NotFound
    _forget()


@transaction.atomic
def discard_form(code: str, *, by: Actor, at: datetime) -> None:
    """Throw the draft away, with its words. Raises NotFound."""
    row = _draft(code)
    if row is None:
        raise NotFound
    _record("form.discarded", row, by=by, at=at)
    row.delete()
    _forget()


@transaction.atomic
def publish_form(form: Form, *, at: datetime, by: Actor = SYSTEM, reason: str = "") -> int:
    """Publish a form as it is given, in one go; its version. The same definition as the published one changes nothing.

    A draft of it that somebody works on is replaced. Raises FormRefused.
    """
    _lock(form.code)
    row = FormDefinition.objects.filter(code=form.code, state=State.PUBLISHED).first()
    if row is not None and row.definition == to_builtins(form):
        return row.version
    save_form(form, by=by, at=at)
    return publish(form.code, by=by, at=at, reason=reason)


def _lock(code: str) -> None:
    """One at a time for a form: two would both find no draft, and both make one."""
    take_turn(f"form {code}")


def _draft(code: str) -> FormDefinition | None:
    _lock(code)
    return FormDefinition.objects.select_for_update().filter(code=code, state=State.DRAFT).first()


def _published(code: str) -> Form | None:
    row = FormDefinition.objects.filter(code=code, state=State.PUBLISHED).first()
    return from_builtins(row.definition) if row else None


def _highest(code: str) -> int:
    return FormDefinition.objects.filter(code=code).aggregate(highest=Max("version"))["highest"] or 0


def _retire(code: str, *, by: Actor, at: datetime) -> bool:
    row = FormDefinition.objects.select_for_update().filter(code=code, state=State.PUBLISHED).first()
    if row is None:
        return False
    row.state, row.retired_at = State.RETIRED, at
    row.save(update_fields=["state", "retired_at"])
    _record("form.retired", row, by=by, at=at)
    return True


def _stamp(row: FormDefinition, *, by: Actor, at: datetime) -> None:
    row.by_kind, row.by_id, row.changed_at = by.kind.value, by.id, at


def _record(verb: str, row: FormDefinition, *, by: Actor, at: datetime, to: int | None = None) -> None:
    data: dict[str, object] = {"code": row.code, "version": row.version, "revision": row.revision}
    if to is not None:
        data["to"] = to
    ledger.record(verb, about=Subject(kind="form", id=row.id), by=by, at=at, data=data)


def _forget() -> None:
    queries.forget()
    transaction.on_commit(queries.forget)
