"""Every way somebody has tried to get something else past a photo upload."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageStat

from townhall.core.errors import BadInput
from townhall.files.models import Purpose
from townhall.files.sanitising import Clean, cleaned
from townhall.files.tests import makers
from townhall.files.tests.makers import picture, upload

JPEG = picture()

REFUSED = {
    "photo.exe": makers.WINDOWS_PROGRAM,
    "program-as-photo.jpg": makers.WINDOWS_PROGRAM,
    "linux-as-photo.png": makers.LINUX_PROGRAM,
    "drawing.svg": makers.SVG,
    "drawing-as-photo.png": makers.SVG,
    "page-as-photo.jpg": makers.PAGE,
    "page-with-a-gif-head.gif": b"GIF89a" + makers.PAGE,
    "photo-and-archive.jpg": JPEG + makers.archive(),
    "gifar.gif": picture("GIF", mode="P") + makers.archive("Evil.class", b"\xca\xfe\xba\xbe"),
    "photo-and-script.jpg": JPEG + b"<?php system($_GET['c']); ?>",
    "photo-with-a-page-in-its-comment.jpg": picture(comment=b"<script>alert(1)</script>"),
    "photo-and-rar.jpg": JPEG + b"Rar!\x1a\x07\x00",
    "bomb.zip": makers.zip_bomb(),
    "bomb-as-photo.jpg": makers.zip_bomb(),
    "letter.docx": makers.archive("word/document.xml"),
    "letter.pdf": makers.pdf(),
    "words.txt": b"Just some words",
    "old.bmp": picture("BMP"),
    "scan.tiff": picture("TIFF"),
    "nul.jpg": b"\0" * 5_000,
}


@pytest.mark.capability("REPT-04")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_a_photo_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadInput) as refusal:
        cleaned(upload(name, REFUSED[name]), purpose=Purpose.BEFORE, field="photos")

    assert refusal.value.problems == {"photos": f"{name} is not a photo. Upload a JPEG, PNG, HEIC, WebP or GIF file."}


@pytest.mark.capability("REPT-04")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jpg", b"", "empty.jpg is empty"),
        ("eleven.jpg", JPEG + b"\0" * 11_000_000, "eleven.jpg is larger than 10 MB"),
        ("huge.png", makers.huge_png(), "huge.png has too many pixels"),
        ("large.png", makers.huge_png(9_000, 9_000), "large.png has too many pixels"),
        ("cut.jpg", picture(size=(640, 480), quality=95)[:3_000], "cut.jpg could not be opened"),
        ("cut.png", picture("PNG", size=(640, 480))[:300], "cut.png could not be opened"),
        ("head-only.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 400, "head-only.jpg could not be opened"),
        ("scans.jpg", JPEG[:-2] + b"\xff\xda\x00\x08" * 500 + JPEG[-2:], "scans.jpg has too many pixels"),
        ("iphone.heic", b"\0\0\0\x18ftypheic" + b"\0" * 100, "iphone.heic could not be opened"),
    ],
)
def test_a_photo_that_cannot_be_taken_says_what_to_do(name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refusal:
        cleaned(upload(name, content), purpose=Purpose.BEFORE)

    assert refusal.value.problems["file"].startswith(said)


@pytest.mark.capability("REPT-04")
def test_the_place_and_the_owner_are_gone_and_the_photo_is_upright() -> None:
    sent = makers.photo_with_place()
    assert Image.open(BytesIO(sent)).getexif().get_ifd(0x8825), (
        "the sent photo must carry a place for this to show anything"
    )

    clean = _photo("phone.jpg", sent)

    kept = Image.open(BytesIO(clean.content))
    assert dict(kept.getexif()) == {}
    assert "comment" not in kept.info
    assert b"Exif" not in clean.content
    for trace in (b"Phonemaker", b"Ann Example", b"taken at home"):
        assert trace in sent
        assert trace not in clean.content + clean.thumbnail
    assert (clean.width, clean.height) == (32, 64)
    assert _brightness(kept, (16, 60)) > _brightness(kept, (16, 4)), "the light right half is now below"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cmyk.jpg", picture(mode="CMYK")),
        ("sixteen.png", makers.sixteen_bit_png()),
        ("grey.jpg", picture(mode="L")),
        ("clear.png", picture("PNG", mode="RGBA")),
        ("moving.webp", makers.moving("WEBP")),
        ("moving.gif", makers.moving("GIF")),
        ("progressive.jpg", picture(progressive=True)),
        ("photo.PHP.jpeg", JPEG),
        ("no-ending", JPEG),
    ],
)
def test_unusual_photos_are_taken_and_remade(name: str, content: bytes) -> None:
    clean = _photo(name, content)

    kept = Image.open(BytesIO(clean.content))
    kept.load()
    assert kept.mode == "RGB"
    assert getattr(kept, "n_frames", 1) == 1
    assert clean.content_type == ("image/png" if name.endswith(".gif") else "image/jpeg")
    assert Image.open(BytesIO(clean.thumbnail)).format == "JPEG"


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    kept = Image.open(BytesIO(_photo("sixteen.png", makers.sixteen_bit_png()).content))

    assert _brightness(kept, (10, 10)) == pytest.approx(40_000 / 256, abs=3)


def test_a_large_photo_is_made_smaller() -> None:
    clean = _photo("large.jpg", picture(size=(4_000, 3_000)))

    assert (clean.width, clean.height) == (2048, 1536)
    assert max(Image.open(BytesIO(clean.thumbnail)).size) == 400


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([b"3 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj"], "contains more than pages"),
        ([b"3 0 obj << /Type /EmbeddedFile >> endobj"], "contains more than pages"),
        ([makers.archive()], "contains more than pages"),
        ([b"3 0 obj << /Encrypt 4 0 R >> endobj"], "is protected with a password"),
    ],
)
def test_a_pdf_that_is_more_than_pages_is_refused(parts: list[bytes], said: str) -> None:
    with pytest.raises(BadInput) as refusal:
        cleaned(upload("letter.pdf", makers.pdf(*parts)), purpose=Purpose.ATTACHMENT)

    assert said in refusal.value.problems["file"]


def test_a_plain_pdf_is_taken_as_an_attachment_only() -> None:
    clean = cleaned(upload("letter.pdf", makers.pdf()), purpose=Purpose.ATTACHMENT)

    assert clean.content_type == "application/pdf"
    with pytest.raises(BadInput):
        cleaned(upload("letter.pdf", makers.pdf()[:-6]), purpose=Purpose.ATTACHMENT)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("..\\..\\windows\\photo.exe", "photo.exe"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("line\r\nbreak.exe", "linebreak.exe"),
        ("", "The file"),
    ],
)
def test_a_name_is_shown_without_tricks(sent: str, shown: str) -> None:
    from townhall.files.sanitising import shown_name

    assert shown_name(sent) == shown


def _photo(name: str, content: bytes) -> Clean:
    return cleaned(upload(name, content), purpose=Purpose.BEFORE)


def _brightness(picture_: Image.Image, at: tuple[int, int]) -> float:
    x, y = at
    return ImageStat.Stat(picture_.convert("L").crop((x, y, x + 1, y + 1))).mean[0]
