"""The folder that a scanner or a computer fax writes into (POST_FOLDER). docs/post.md says how files are to be named.

A file is taken in once nobody has written to it for a while. It leaves the folder only when its bytes were read back from our own store;
one that cannot be taken in is moved to `refused`, and stands on the page of post with the reason.
"""

from __future__ import annotations

import hashlib
import os
import re
from datetime import datetime, time, timedelta
from math import inf
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput
from townhall.core.sweeps import each_by_itself
from townhall.core.time import LONDON, aware
from townhall.files.models import StoredFile
from townhall.intake import arriving
from townhall.intake.arriving import DOCUMENTS, Came
from townhall.intake.models import Source

REFUSED: Final = "refused"
QUIET: Final = timedelta(seconds=20)  # nobody has written to it for so long
BATCH: Final = 10
LONGEST_END: Final = 230  # bytes of a name that stay when the time is put before it: file systems keep 255
# The channel, a date and perhaps a time, perhaps a number, and anything: as in fax_20260302T1405_02079460000_3 and its ending.
_NAME: Final = re.compile(
    r"(?P<channel>[a-z]+)_(?P<day>\d{8})(?:T(?P<time>\d{4}))?(?:_(?P<line>\+?\d{5,15}))?(?:_(?P<rest>.*))?\.[A-Za-z0-9]+"
)


def sweep(at: datetime) -> int:
    """Take in what lies in the folder; how many files. Nothing without a folder."""
    if not settings.POST_FOLDER:
        return 0
    folder = Path(settings.POST_FOLDER)
    if not folder.is_dir():
        return 0
    return each_by_itself(_ready(folder, at=at), lambda path: _take(path, at=at))


def _ready(folder: Path, *, at: datetime) -> list[Path]:
    before = (at - QUIET).timestamp()
    found = [
        (_written(one), one.name, one)
        for one in folder.iterdir()
        if one.is_file() and not one.is_symlink() and not one.name.startswith((".", "~"))
    ]
    return [path for written, _name, path in sorted(found) if written <= before][:BATCH]


def _written(path: Path) -> float:
    """When, as a timestamp; never, of a file that the scanner has renamed or taken away meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return inf


def read_name(name: str) -> Came:
    """What a file's name says. Raises BadInput."""
    found = _NAME.fullmatch(name)
    if found is None or found["channel"] not in DOCUMENTS:
        words = _("Its name must be like letter_20260302_anything.pdf or fax_20260302T1405_02079460000.tif")
        raise BadInput({"file": words})
    try:
        day = datetime.strptime(found["day"], "%Y%m%d").date()  # noqa: DTZ007 - a day alone
        clock = time(int(found["time"][:2]), int(found["time"][2:])) if found["time"] else time()
    except ValueError:
        raise BadInput({"file": _("The date in its name is no date")}) from None
    received_at = datetime.combine(day, clock, LONDON)
    title = (found["rest"] or "").replace("_", " ").strip()
    return Came(
        channel=found["channel"], source=Source.FOLDER, received_at=received_at, line=found["line"] or "", title=title
    )


def _take(path: Path, *, at: datetime) -> int:
    name = _name_of(path)
    try:
        content = _content_of(path)
        piece = arriving.take_document(content, name, read_name(name), by=SYSTEM, at=aware(at), key=name)
    except FileNotFoundError:
        return 0  # another worker was quicker
    except PermissionError:
        _put_aside(path, _("We may not read it"), at=at)
        return 1
    except BadInput as error:
        _put_aside(path, " ".join(error.problems.values()), at=at)
        return 1
    assert piece.original_file_id is not None  # of a document there is one
    original = StoredFile.objects.get(pk=piece.original_file_id)
    with default_storage.open(original.storage_name) as kept:
        if hashlib.sha256(kept.read()).digest() != hashlib.sha256(content).digest():
            raise OSError(f"What was kept of {name} is not what came")
    path.unlink(missing_ok=True)
    return 1


def _name_of(path: Path) -> str:
    """Letters that are not UTF-8, as old machines write them, become question marks: the database keeps no others."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _content_of(path: Path) -> bytes:
    size = path.stat().st_size
    if not 0 < size <= settings.FILES_MAX_BYTES:
        raise BadInput({"file": _("It is empty, or larger than we keep")})
    return path.read_bytes()


def _put_aside(path: Path, why: str, *, at: datetime) -> None:
    """Written down first: a file that is still there when the process dies is written down once more, and never lost."""
    arriving.refuse(_name_of(path), why, by=SYSTEM, at=at)
    aside = path.parent / REFUSED
    aside.mkdir(exist_ok=True)
    end = os.fsdecode(os.fsencode(path.name)[-LONGEST_END:])
    path.replace(aside / f"{at:%Y%m%dT%H%M%S}-{end}")
