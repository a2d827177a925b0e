"""What an upload really is, by its content. Its name and what the browser says about it count for nothing."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from io import BytesIO

import puremagic


class Kind(StrEnum):
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    HEIC = "HEIF"  # as phones take them; read by libheif, which comes with pillow-heif
    PDF = "PDF"


IMAGES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.GIF, Kind.HEIC})
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_MIME = {
    Kind.JPEG: {"image/jpeg", "image/jpg", "image/pjpeg"},
    Kind.PNG: {"image/png", "image/apng", "image/vnd.mozilla.apng"},
    Kind.WEBP: {"image/webp"},
    Kind.GIF: {"image/gif"},
    Kind.PDF: {"application/pdf"},
    Kind.HEIC: {"image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"},
}
# Marks of a second file hiding behind the first one. Long enough not to turn up in a photo by chance.
_HIDDEN = (b"<script", b"<?php", b"<html", b"<!doctype", b"javascript:", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")


def kind_of(content: bytes) -> Kind | None:
    """What the content says it is, in its first bytes and in a second opinion; None when it is nothing we take."""
    found = _by_first_bytes(content)
    if found is None:
        return None
    return found if _second_opinion(content) & _MIME[found] else None


def hides_another(content: bytes, kind: Kind) -> bool:
    """Whether the same bytes are also an archive, a page, a script or a document (a polyglot)."""
    if zipfile.is_zipfile(BytesIO(content)):
        return True
    if kind is not Kind.PDF and b"%PDF-" in content[:1024]:
        return True
    lower = content.lower()
    return any(mark.lower() in lower for mark in _HIDDEN if not (kind is Kind.PDF and mark == b"javascript:"))


def _by_first_bytes(content: bytes) -> Kind | None:
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Kind.WEBP
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return Kind.GIF
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return Kind.HEIC
    return Kind.PDF if content.startswith(b"%PDF-") else None


def _second_opinion(content: bytes) -> set[str]:
    try:
        return {match.mime_type for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return set()
