"""Photos are decoded and made anew, so that nothing of the sent file is kept but what can be seen on it.

The camera's notes (place, time, owner), hidden thumbnails, trailing data and anything a decoder might trip over end here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO

import pillow_heif
from PIL import Image, ImageOps

from townhall.files.kinds import Kind

LONGEST_SIDE = 2048  # pixels
THUMBNAIL_SIDE = 400
# A JPEG is decoded at a fraction of its size, anything else whole, so the others may be smaller only.
MOST_PIXELS = {
    Kind.JPEG: 64_000_000,
    Kind.PNG: 25_000_000,
    Kind.WEBP: 25_000_000,
    Kind.GIF: 25_000_000,
    Kind.HEIC: 50_000_000,  # phones take up to 48 million; 150 MB while it is decoded
}
MOST_SCANS = 100  # of a progressive JPEG: each is decoded over the whole picture
JPEG_QUALITY = 82

pillow_heif.register_heif_opener(thumbnails=False)


class TooManyPixels(ValueError):
    """It would take too much memory to decode."""


class Unreadable(ValueError):
    """It is cut short or broken."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    content_type: str
    content: bytes
    thumbnail: bytes  # JPEG
    width: int
    height: int


def remade(content: bytes, kind: Kind) -> Picture:
    """The same picture upright, in RGB, at most LONGEST_SIDE long, without metadata. Raises TooManyPixels or Unreadable."""
    try:
        picture = _decoded(content, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        IndexError,
        KeyError,
        TypeError,
        RuntimeError,
    ) as error:
        if isinstance(error, TooManyPixels):
            raise
        raise Unreadable from error
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    is_png = kind is Kind.GIF
    return Picture(
        content_type="image/png" if is_png else "image/jpeg",
        content=_encoded(picture, "PNG" if is_png else "JPEG"),
        thumbnail=_encoded(small, "JPEG"),
        width=picture.width,
        height=picture.height,
    )


def _decoded(content: bytes, kind: Kind) -> Image.Image:
    if kind is Kind.JPEG and content.count(b"\xff\xda") > MOST_SCANS:
        raise TooManyPixels
    with Image.open(BytesIO(content), formats=[kind.value]) as opened:
        if opened.width * opened.height > MOST_PIXELS[kind]:
            raise TooManyPixels
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        opened.load()  # the first frame of a moving picture
        if opened.mode in ("RGB", "RGBA", "L", "CMYK"):  # others are made plain first, to be made smaller well
            opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        assert upright is not None
        plain = _in_rgb(upright)
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A fresh image, so that no note of the old one (info, exif, icc, xmp) can be written out again.
    clean = Image.new("RGB", plain.size)
    clean.paste(plain)
    return clean


def _in_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey: keep the upper 8
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info:
        whole = picture.convert("RGBA")
        white = Image.new("RGB", whole.size, "white")
        white.paste(whole, mask=whole.getchannel("A"))
        return white
    return picture.convert("RGB")


def _encoded(picture: Image.Image, form: str) -> bytes:
    out = BytesIO()
    if form == "JPEG":
        picture.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    else:
        picture.save(out, form, optimize=True)
    return out.getvalue()
