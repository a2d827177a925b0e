"""Uploads, good and hostile, made in code: no binary is kept in the repository."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")  # what the browser says is never believed


def picture(form: str = "JPEG", *, mode: str = "RGB", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """A small picture, its left half dark and its right half light, so that turning it can be seen."""
    made = Image.new(mode, size)
    light: Any = {"RGB": (230, 220, 40), "CMYK": (0, 0, 200, 10), "RGBA": (230, 220, 40, 255), "P": 200, "L": 220}[mode]
    made.paste(light, (size[0] // 2, 0, *size))
    out = BytesIO()
    made.save(out, form, **options)
    return out.getvalue()


def sixteen_bit_png() -> bytes:
    made = Image.new("I;16", (20, 20), 40_000)
    out = BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


def moving(form: str) -> bytes:
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "green", "blue")]
    out = BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=50)
    return out.getvalue()


def photo_with_place() -> bytes:
    """A JPEG that says where and by whom it was taken, and that it must be turned a quarter to the right to be upright."""
    made = Image.new("RGB", (64, 32), "navy")
    made.paste((230, 220, 40), (32, 0, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation
    exif[0x010F] = "Phonemaker"
    exif[0x013B] = "Ann Example"
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)}
    out = BytesIO()
    made.save(out, "JPEG", exif=exif, comment=b"taken at home")
    return out.getvalue()


def huge_png(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few kilobytes that would take gigabytes to decode."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def archive(name: str = "index.html", content: bytes = b"hello") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return out.getvalue()


def zip_bomb() -> bytes:
    """A hundred megabytes of nothing in a hundred kilobytes."""
    return archive("zeros.bin", b"\0" * 100_000_000)


def pdf(*parts: bytes) -> bytes:
    body = b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages /Count 0 /Kids [] >> endobj\n"
    return body + b"\n".join(parts) + b"\ntrailer << /Root 1 0 R >>\n%%EOF\n"


WINDOWS_PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 48 + b"PE\0\0" + b"\0" * 400
LINUX_PROGRAM = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\x00\x3e\x00" + b"\0" * 400
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
