"""How post comes in: each document and post becomes one piece, which waits to be indexed. The same again is the same piece."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor, ActorKind
from townhall.core.cards import refuse_card_numbers, without_card_numbers
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.documents import papers
from townhall.documents.papers import Sent
from townhall.files import operations as files
from townhall.files.models import StoredFile
from townhall.files.sanitising import shown_name
from townhall.intake import faxes
from townhall.intake.models import By, Piece, Refused, Source
from townhall.intake.permissions import INDEX
from townhall.ledger import operations as ledger

CLOCK = "post.index"
LONGEST_TITLE = 200
LONGEST_WORDS = 10_000
AHEAD = timedelta(minutes=10)  # clocks of other systems may run so much ahead of ours
FIRST = datetime(1900, 1, 1, tzinfo=UTC)  # nothing was received before
DOCUMENTS = frozenset({By.LETTER, By.FAX})


@dataclass(frozen=True, kw_only=True)
class Came:
    """How something came. received_at: when the council had it, which may be days before it is here."""

    channel: str
    source: Source
    received_at: datetime
    line: str = ""
    title: str = ""
    sender: str = ""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A message in a social network. external_id: the network's own."""

    network: str
    words: str
    posted_at: datetime
    external_id: str = ""
    sender: str = ""
    account: str = ""
    link: str = ""


def take_document(
    content: bytes, name: str, came: Came, *, by: Actor, at: datetime, key: str = "", field: str = "file"
) -> Piece:
    """Keep a letter or fax, byte for byte and as a page to be read. Raises NotAllowed, BadInput naming the file.

    key: tells the same document from another with the same content, such as two that were uploaded in two acts.
    """
    _require(by)
    _check(came, at=at)
    digest = hashlib.sha256(content).hexdigest()
    key = f"{came.source.value}:{key}:{digest}"
    if earlier := Piece.objects.filter(key=key).first():
        return earlier
    seen = faxes.as_pdf(content, name=shown_name(name), field=field) if faxes.is_tiff(content) else content
    sent = Sent(name=name, content=BytesIO(seen))
    paper = papers.take_in(sent, title=came.title, is_scan=True, by=by, at=at, field=field)
    piece_id = uuid7()
    about = Subject(kind="post", id=piece_id)
    original = files.keep_as_sent(
        content, name=name, content_type=_type_of(content, paper.content_type), about=about, by=by, at=at
    )
    piece = _piece(came, piece_id=piece_id, key=key, title=came.title or paper.title, by=by, at=at)
    piece.paper_id, piece.original_file_id = paper.pk, original.pk
    return _keep(piece, original, by=by, at=at)


def take_post(post: Post, *, source: Source, by: Actor, at: datetime, key: str = "") -> Piece:
    """Keep what somebody wrote to us in a social network. Raises NotAllowed, BadInput."""
    _require(by)
    problems = {}
    if not post.network.strip():
        problems["network"] = _("Enter the network, such as the name of its website")
    if not post.words.strip() or len(post.words) > LONGEST_WORDS:
        problems["words"] = _("Enter what it says, in up to %(most)d characters") % {"most": LONGEST_WORDS}
    if post.link and not post.link.startswith(("https://", "http://")):
        problems["link"] = _("Enter a web address that begins with https://")
    if problems:
        raise BadInput(problems)
    came = Came(
        channel=By.SOCIAL,
        source=source,
        received_at=post.posted_at,
        line=post.account.strip(),
        sender=post.sender.strip(),
    )
    _check(came, at=at)
    refuse_card_numbers(words=post.words)
    key = f"{source.value}:{post.network.casefold().strip()}:{post.external_id or key or uuid7()}"
    if earlier := Piece.objects.filter(key=key).first():
        return earlier
    piece = _piece(came, piece_id=uuid7(), key=key, title="", by=by, at=at)
    piece.network, piece.words, piece.link = post.network.strip()[:100], post.words.strip(), post.link.strip()[:2_000]
    return _keep(piece, None, by=by, at=at)


def _piece(came: Came, *, piece_id: UUID, key: str, title: str, by: Actor, at: datetime) -> Piece:
    return Piece(
        id=piece_id,
        channel=came.channel,
        source=came.source,
        key=key,
        title=" ".join(title.split())[:LONGEST_TITLE],
        line=" ".join(came.line.split())[:100],
        sender=" ".join(came.sender.split())[:200],
        received_at=min(came.received_at, at),
        came_at=at,
        came_by=by.id,
    )


def _keep(piece: Piece, original: StoredFile | None, *, by: Actor, at: datetime) -> Piece:
    """Of two who send the same at once, the second gets the first one's piece."""
    try:
        with transaction.atomic():
            piece.save(force_insert=True)
            clocks.start(CLOCK, about=piece.subject, at=at)
            data: dict[str, object] = {"channel": piece.channel, "source": piece.source}
            ledger.record("post.came", about=piece.subject, by=by, at=at, data=data)
            return piece
    except IntegrityError:
        earlier = Piece.objects.filter(key=piece.key).first()
        if earlier is None:
            raise
        if original is not None:
            StoredFile.objects.filter(pk=original.pk).delete()
            default_storage.delete(original.storage_name)
        return earlier


def _type_of(content: bytes, shown_as: str) -> str:
    return "image/tiff" if faxes.is_tiff(content) else "application/pdf" if content[:5] == b"%PDF-" else shown_as


def _require(by: Actor) -> None:
    if by.kind is ActorKind.STAFF:
        require(by, INDEX)


def _check(came: Came, *, at: datetime) -> None:
    if came.channel not in By.values:
        raise BadInput({"channel": _("Select how it came")})
    refuse_day(came.received_at, at=at + AHEAD)
    refuse_card_numbers(title=came.title, sender=came.sender)


def refuse_day(received_at: datetime, *, at: datetime) -> None:
    """Raises BadInput for a day that is still to come, or that is only a slip of the keyboard."""
    if received_at > at:
        raise BadInput({"received_on": _("The day it was received must not be in the future")})
    if received_at < FIRST:
        raise BadInput({"received_on": _("Enter the year with four digits, such as 2026")})


@transaction.atomic
def refuse(name: str, why: str, *, by: Actor, at: datetime) -> Refused:
    """Write down that a file of the watched folder cannot be taken in, once while nobody has dealt with it."""
    shown = without_card_numbers(name)[:200]
    row, is_new = Refused.objects.get_or_create(name=shown, settled_at=None, defaults={"why": why[:500], "at": at})
    if not is_new:
        return row
    ledger.record("post.refused", about=row.subject, by=by, at=at)
    return row


@transaction.atomic
def settle(refused_id: UUID, *, by: Actor, at: datetime) -> None:
    """Somebody dealt with a file that could not be taken in. Raises NotAllowed, NotFound."""
    _require(by)
    row = Refused.objects.select_for_update().filter(pk=refused_id, settled_at=None).first()
    if row is None:
        raise NotFound
    row.settled_at, row.settled_by = at, by.id
    row.save(update_fields=["settled_at", "settled_by"])
    ledger.record("post.refused_settled", about=row.subject, by=by, at=at)


def most_bytes() -> int:
    """The largest document that is taken."""
    return settings.FILES_MAX_BYTES
