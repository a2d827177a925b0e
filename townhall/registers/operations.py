"""Everything that changes a register's rows. Each is one transaction with its ledger entry; dates ring by clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.references import new_code
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.files.sanitising import Upload
from townhall.ledger import operations as ledger
from townhall.registers import falling_due, states
from townhall.registers.access import require_keep
from townhall.registers.definition import Definition, to_builtins
from townhall.registers.errors import ChangedMeanwhile, StillToDo
from townhall.registers.models import Action, Evidence, Register, Row
from townhall.registers.queries import definition_of, forget
from townhall.registers.states import ActionState, RowState
from townhall.registers.typed import LONGEST_TEXT, read_values

LONGEST_TITLE = 300
CODE_LENGTH = 5  # characters


@transaction.atomic
def load(definitions: Iterable[Definition], *, at: datetime) -> list[str]:
    """Make these the definitions that hold; codes of those that are new or changed. Rows stay."""
    changed = []
    for one in definitions:
        plain = to_builtins(one)
        row, made = Register.objects.get_or_create(code=one.code, defaults={"definition": plain, "loaded_at": at})
        if not made and row.definition != plain:
            row.definition, row.loaded_at = plain, at
            row.save(update_fields=["definition", "loaded_at"])
        elif not made:
            continue
        changed.append(one.code)
    forget()
    return changed


@transaction.atomic
def open_row(
    register: str,
    *,
    title: str,
    given: Mapping[str, str],
    by: Actor,
    at: datetime,
    about: Subject | None = None,
    key: str = "",
    digest: str = "",
) -> Row:
    """Enter a row; what its register asks for falls due from now on. about: what it came from.

    A key that was used before gives its row. Raises NotAllowed, NotFound, BadInput.
    """
    definition = definition_of(register)
    require_keep(definition, by)
    if key and (found := Row.objects.filter(register_id=register, key=key).first()):
        return found
    title = _title(definition, title)
    row = Row.objects.create(
        register_id=register,
        title=title,
        values=read_values(definition, given),
        owner_post_id=post_id(definition.owner_post),
        about_kind=about.kind if about else "",
        about_id=about.id if about else None,
        code=new_code(CODE_LENGTH) if definition.has_code else "",
        key=key,
        digest=digest,
        opened_at=at,
        opened_by=by.id,
    )
    ledger.record("register_row.opened", about=row.subject, by=by, at=at, data={"register": register})
    falling_due.keep_dates(row, definition, at=at)
    return row


@transaction.atomic
def change_row(
    row_id: UUID, *, title: str, given: Mapping[str, str], version: int, by: Actor, at: datetime, owner_post: str = ""
) -> Row:
    """Say it otherwise. version: of what was changed. Raises NotAllowed, NotFound, BadInput, WrongState when closed or changed since."""
    row, definition = _locked(row_id, by=by)
    if row.state != RowState.OPEN:
        raise WrongState
    if row.version != version:
        raise ChangedMeanwhile
    title, values = _title(definition, title), read_values(definition, given)
    changed = sorted(code for code in {*values, *row.values} if values.get(code) != row.values.get(code))
    owner = post_id(owner_post) if owner_post else row.owner_post_id
    if owner is None and owner_post:
        raise BadInput({"owner_post": _("Select a post")})
    changed += ["title"] * (title != row.title) + ["owner"] * (owner != row.owner_post_id)
    if not changed:
        return row
    row.title, row.values, row.owner_post_id, row.version = title, values, owner, row.version + 1
    row.save(update_fields=["title", "values", "owner_post_id", "version"])
    ledger.record("register_row.changed", about=row.subject, by=by, at=at, data={"fields": changed})
    falling_due.keep_dates(row, definition, at=at)
    return row


@transaction.atomic
def close_row(row_id: UUID, *, outcome: str, words: str, by: Actor, at: datetime) -> Row:
    """It is over, and how. Raises NotAllowed, NotFound, BadInput, WrongState while something that somebody set is to do.

    What the register itself asks for is no longer needed.
    """
    row, definition = _locked(row_id, by=by)
    states.check_row(row.state, RowState.CLOSED)
    if definition.outcomes and outcome not in {one.code for one in definition.outcomes}:
        raise BadInput({"outcome": _("Select how it ended")})
    if row.actions.filter(state=ActionState.OPEN, due="").exists():
        raise StillToDo
    for action in row.actions.select_for_update().filter(state=ActionState.OPEN):
        _end(action, ActionState.DROPPED, words="", by=by, at=at)
    row.state, row.outcome, row.closed_at, row.version = RowState.CLOSED, outcome, at, row.version + 1
    row.save(update_fields=["state", "outcome", "closed_at", "version"])
    ledger.record("register_row.closed", about=row.subject, by=by, at=at, data={"outcome": outcome})
    if words.strip():
        _keep_evidence(row, words, link="", file_id=None, by=by, at=at)
    falling_due.set_next(row)
    return row


@transaction.atomic
def reopen_row(row_id: UUID, *, by: Actor, at: datetime) -> Row:
    """It is not over after all. Raises NotAllowed, NotFound, WrongState."""
    row, definition = _locked(row_id, by=by)
    states.check_row(row.state, RowState.OPEN)
    row.state, row.outcome, row.closed_at, row.version = RowState.OPEN, "", None, row.version + 1
    row.save(update_fields=["state", "outcome", "closed_at", "version"])
    ledger.record("register_row.reopened", about=row.subject, by=by, at=at)
    falling_due.keep_dates(row, definition, at=at)
    return row


@transaction.atomic
def set_action(row_id: UUID, *, title: str, due_on: date, by: Actor, at: datetime, owner_post: str = "") -> Action:
    """Something to do about a row by a day. Raises NotAllowed, NotFound, BadInput, WrongState when the row is closed."""
    row, _definition = _locked(row_id, by=by)
    if row.state != RowState.OPEN:
        raise WrongState
    problems = {}
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        problems["action"] = _("Enter what is to be done")
    if due_on < council_date(at):
        problems["due_on"] = _("Enter today or a later day")
    owner = post_id(owner_post) if owner_post else row.owner_post_id
    if owner is None and owner_post:
        problems["owner_post"] = _("Select a post")
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(action=title)
    return falling_due.begin(row, due="", title=title, due_on=due_on, owner_post_id=owner, by=by, at=at)


@transaction.atomic
def end_action(action_id: UUID, *, is_done: bool, words: str, by: Actor, at: datetime) -> Action:
    """It was done, with what was found or changed, or is no longer needed, with the reason.

    What the register asks for again falls due anew. Raises NotAllowed, NotFound, BadInput, WrongState when it is over.
    """
    action = Action.objects.filter(pk=action_id).first()
    if action is None:
        raise NotFound
    row, definition = _locked(action.row_id, by=by)
    action = Action.objects.select_for_update().get(pk=action_id)
    rule = definition.due(action.due)
    words = words.strip()
    if len(words) > LONGEST_TEXT or (not words and (not is_done or (rule is not None and rule.asks))):
        raise BadInput({"words": _("Enter what was done and what changed") if is_done else _("Enter why not")})
    refuse_card_numbers(words=words)
    _end(action, ActionState.DONE if is_done else ActionState.DROPPED, words=words, by=by, at=at)
    falling_due.after(row, definition, action, at=at)
    return action


def add_evidence(
    row_id: UUID, *, words: str, link: str = "", upload: Upload | None = None, by: Actor, at: datetime
) -> Evidence:
    """What shows that a row is as it says. Raises NotAllowed, NotFound, BadInput."""
    row = Row.objects.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    require_keep(definition_of(row.register_id), by)
    if not words.strip() or len(words) > LONGEST_TEXT:
        raise BadInput({"words": _("Enter what it shows")})
    if link and not link.startswith(("https://", "http://")):
        raise BadInput({"link": _("Enter a web address that begins with https://")})
    refuse_card_numbers(words=words)
    stored = None
    if upload is not None:
        stored = files.store(upload, about=row.subject, purpose=Purpose.ATTACHMENT, by=by, at=at)
    with transaction.atomic():
        _locked(row_id, by=by)
        return _keep_evidence(row, words, link=link, file_id=stored.pk if stored else None, by=by, at=at)


def _keep_evidence(row: Row, words: str, *, link: str, file_id: UUID | None, by: Actor, at: datetime) -> Evidence:
    made = Evidence.objects.create(
        row=row, words=words.strip(), link=link.strip(), file_id=file_id, added_at=at, added_by=by.id
    )
    ledger.record("register_row.evidence_added", about=row.subject, by=by, at=at, data={"evidence": str(made.pk)})
    return made


def _end(action: Action, state: ActionState, *, words: str, by: Actor, at: datetime) -> None:
    states.check_action(action.state, state)
    action.state, action.ended_at, action.ended_by, action.words = state, at, by.id, words
    action.save(update_fields=["state", "ended_at", "ended_by", "words"])
    if state is ActionState.DONE:
        clocks.finish(falling_due.CLOCK, about=action.subject, at=at)
    else:
        clocks.stop(falling_due.CLOCK, about=action.subject, at=at)
    data: dict[str, object] = {"row": str(action.row_id), "due": action.due}
    ledger.record(f"register_action.{state.value}", about=action.subject, by=by, at=at, data=data)


def _locked(row_id: UUID, *, by: Actor) -> tuple[Row, Definition]:
    row = Row.objects.select_for_update().filter(pk=row_id).first()
    if row is None:
        raise NotFound
    definition = definition_of(row.register_id)
    require_keep(definition, by)
    return row, definition


def _title(definition: Definition, typed: str) -> str:
    title = " ".join(typed.split())
    if not title or len(title) > LONGEST_TITLE:
        raise BadInput({"title": _("Enter: %(what)s") % {"what": definition.row_title.lower()}})
    refuse_card_numbers(title=title)
    return title


def post_id(code: str) -> UUID | None:
    """None where the council has no such post: the register then says that it has no owner."""
    try:
        return directory.post(code).id if code else None
    except directory.UnknownCode:
        return None
