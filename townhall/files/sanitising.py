"""From what somebody sent to what we keep, or a sentence that names the file and says what to do instead."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.core.errors import BadInput
from townhall.files import pictures
from townhall.files.kinds import IMAGES, Kind, hides_another, kind_of
from townhall.files.models import Purpose

# Parts of a PDF that run something or carry something when it is opened.
_PDF_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
DOCUMENTS_FOR = frozenset({Purpose.ATTACHMENT, Purpose.EVIDENCE})


class Upload(Protocol):
    """A Django UploadedFile, or anything else with a name that can be read."""

    name: str | None

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Clean:
    """What is safe to keep."""

    name: str  # as the sender called it, without folders or control characters
    content_type: str
    content: bytes
    thumbnail: bytes = b""
    width: int | None = None
    height: int | None = None


def cleaned(upload: Upload, *, purpose: Purpose, field: str = "file") -> Clean:
    """Raises BadInput under `field`, with the file's name, when it is empty, too big, broken, hostile or of another kind."""
    name = shown_name(upload.name)
    content = upload.read(settings.FILES_MAX_BYTES + 1)
    if not content:
        raise _no(field, _("%(name)s is empty. Upload a file with something in it.") % {"name": name})
    if len(content) > settings.FILES_MAX_BYTES:
        most = settings.FILES_MAX_BYTES // 1_000_000
        raise _no(
            field, _("%(name)s is larger than %(most)s MB. Upload a smaller file.") % {"name": name, "most": most}
        )
    kind = kind_of(content)
    if kind is Kind.PDF and purpose in DOCUMENTS_FOR:
        return _document(name, content, field)
    if kind not in IMAGES or hides_another(content, kind):
        raise _no(field, _not_taken(name, purpose))
    return _photo(name, content, kind, field)


def shown_name(name: str | None) -> str:
    """The last part of the sent name, readable and short."""
    last = re.split(r"[\\/]", name or "")[-1]
    readable = "".join(part for part in last if unicodedata.category(part)[0] != "C").strip()
    if len(readable) > 100:
        readable = f"{readable[:80]}…{readable[-15:]}"
    return readable or _("The file")


def _photo(name: str, content: bytes, kind: Kind, field: str) -> Clean:
    try:
        made = pictures.remade(content, kind)
    except pictures.TooManyPixels as error:
        message = _("%(name)s has too many pixels to open. Upload a smaller photo.") % {"name": name}
        raise _no(field, message) from error
    except pictures.Unreadable as error:
        message = _("%(name)s could not be opened: it may be damaged or incomplete. Upload it again.") % {"name": name}
        raise _no(field, message) from error
    return Clean(
        name=name,
        content_type=made.content_type,
        content=made.content,
        thumbnail=made.thumbnail,
        width=made.width,
        height=made.height,
    )


def _document(name: str, content: bytes, field: str) -> Clean:
    if b"%%EOF" not in content[-2048:]:
        message = _("%(name)s could not be opened: it may be damaged or incomplete. Upload it again.") % {"name": name}
        raise _no(field, message)
    if b"/Encrypt" in content:
        message = _("%(name)s is protected with a password. Upload it without one.") % {"name": name}
        raise _no(field, message)
    if hides_another(content, Kind.PDF) or _PDF_ACTIVE.search(content):
        message = _("%(name)s contains more than pages: scripts or other files. Upload a plain PDF.") % {"name": name}
        raise _no(field, message)
    return Clean(name=name, content_type="application/pdf", content=content)


def _not_taken(name: str, purpose: Purpose) -> str:
    if purpose in DOCUMENTS_FOR:
        return _("%(name)s is not a photo or a PDF. Upload a JPEG, PNG, HEIC, WebP, GIF or PDF file.") % {"name": name}
    return _("%(name)s is not a photo. Upload a JPEG, PNG, HEIC, WebP or GIF file.") % {"name": name}


def _no(field: str, message: str) -> BadInput:
    return BadInput({field: message})
