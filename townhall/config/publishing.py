"""What the public reads, for the scan for personal addresses; and which addresses several people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.files.storage import default_storage
from django.template.utils import get_app_template_dirs
from msgspec import to_builtins

from townhall.catalogue import queries as catalogue
from townhall.documents import pdf_text
from townhall.documents.layout_models import Layout, LayoutVersion
from townhall.files.models import StoredFile
from townhall.forms.models import FormDefinition
from townhall.insight.models import KeyMessage
from townhall.knowledge import leaflets, personal, published
from townhall.knowledge.library import in_use
from townhall.knowledge.models import Audience, Kind
from townhall.knowledge.published import Published, post_of
from townhall.mailroom.models import Mailbox
from townhall.neighbourhood.models import Councillor

_SAID = (Kind.REPLY, Kind.SCRIPT)  # staff alone see them, and say them to the public


def connect() -> None:
    for source in (_entries, _leaflets, _services, _forms, _messages, _key_messages, _layouts):
        published.texts_come_from(source)
    personal.shared_come_from(_mailboxes)
    personal.shared_come_from(_councillors)


def _mailboxes() -> Iterable[str]:
    return Mailbox.objects.values_list("address", flat=True)


def _councillors() -> Iterable[str]:
    """Elected, and written to by name: their addresses are published on purpose."""
    return Councillor.objects.filter(ended_at=None).exclude(email="").values_list("email", flat=True)


def _entries() -> Iterator[Published]:
    for one in in_use():
        if one.audience == Audience.PUBLIC or one.kind in _SAID:
            yield Published(
                kind="knowledge",
                key=one.code,
                title=one.title,
                text=f"{one.title}\n{one.topic}\n{one.body}",
                path=f"/work/knowledge/{one.code}",
                owner_post=one.owner_post_id,
            )


def _leaflets() -> Iterator[Published]:
    """What its row says is printed on it, and the words of its file."""
    for one in leaflets.every():
        said = [str(value) for value in one.row.values.values()]
        file = leaflets.current_file(one.row.pk)
        if file is not None:
            said.append(_words_of(file))
        yield Published(
            kind="document",
            key=str(one.row.pk),
            title=one.row.title,
            text="\n".join(said),
            path=f"/work/leaflets/{one.row.pk}",
            owner_post=one.row.owner_post_id,
        )


def _words_of(file: StoredFile) -> str:
    if file.content_type != "application/pdf":
        return ""
    try:
        with default_storage.open(file.storage_name) as held:
            return pdf_text.text_of(held.read())
    except OSError:
        return ""  # the link checker says what is not there


def _services() -> Iterator[Published]:
    for pack in catalogue.services():
        words = "\n".join(_strings(to_builtins(pack)))
        yield Published(
            kind="service",
            key=pack.code,
            title=pack.name,
            text=words,
            path=f"/work/services/{pack.code}",
            owner_post=post_of(pack.teller),
        )


def _forms() -> Iterator[Published]:
    for row in FormDefinition.objects.filter(state="published").order_by("code"):
        title = str(row.definition.get("title", row.code))
        text = "\n".join(_strings(row.definition))
        yield Published(kind="form", key=row.code, title=title, text=text, path=f"/work/forms/{row.code}")


def _messages() -> Iterator[Published]:
    for folder in get_app_template_dirs("jinja2"):
        for path in sorted((Path(folder) / "notifications").rglob("*.md")):
            name = path.relative_to(Path(folder) / "notifications").with_suffix("").as_posix()
            if not name.startswith("staff/"):
                text = path.read_text(encoding="utf-8")
                where = "/work/registers/standard-messages"
                yield Published(kind="message", key=name, title=name, text=text, path=where)


def _key_messages() -> Iterator[Published]:
    for row in KeyMessage.objects.filter(state=KeyMessage.State.APPROVED):
        yield Published(
            kind="key_message", key=str(row.pk), title=row.words[:80], text=row.words, path="/work/website/messages"
        )


def _layouts() -> Iterator[Published]:
    for row in Layout.objects.filter(withdrawn_at=None):
        words = LayoutVersion.objects.filter(layout=row, number=row.version).first()
        if words is not None:
            text = f"{words.heading}\n{words.body}\n{words.signature}\n{words.accessibility}"
            yield Published(kind="layout", key=row.code, title=row.title, text=text, path=f"/work/layouts/{row.pk}")


def _strings(value: object) -> Iterator[str]:
    """Every text inside, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)
