"""Service packs from YAML and back. Reading is strict, and every fault is told with its file, line and path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from townhall.catalogue import checks, strict_yaml
from townhall.catalogue.pack import ServicePack

_TEXT_FILES = ("done",)  # long words may stand in `<key>.md` beside service.yaml


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong in a pack. `path` is `$` for the whole pack, or like `$.attributes[2].code`."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.message}"


class BadPack(Exception):
    """One or more packs could not be read."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def read_pack(text: str, *, file: str = "service.yaml", extra: dict[str, str] | None = None) -> ServicePack:
    """The pack in `text`. `extra` gives keys kept in files of their own. Raises BadPack with every fault found."""
    try:
        value, node = strict_yaml.load(text)
    except strict_yaml.YamlError as error:
        raise BadPack([Fault(file=file, line=error.line, path="$", message=str(error))]) from error
    if isinstance(value, dict):
        value = {**(extra or {}), **value}
    try:
        pack = from_builtins(value)
    except msgspec.ValidationError as error:
        message, path, key = _explain(str(error))
        line = strict_yaml.line_of(node, path, key=key)
        raise BadPack([Fault(file=file, line=line, path=path, message=message)]) from error
    faults = [
        Fault(file=file, line=strict_yaml.line_of(node, path), path=path, message=message)
        for path, message in checks.problems_in(pack)
    ]
    if faults:
        raise BadPack(faults)
    return pack


def _explain(message: str) -> tuple[str, str, str]:
    """msgspec's sentence, the path it names, and the key at fault (an unknown one is not in the path)."""
    text, _, path = message.partition(" - at `")
    path = path.rstrip("`") or "$"
    unknown = re.search(r"unknown field `([^`]+)`", text)
    if unknown:
        return f"There is no key {unknown[1]!r} here.", path, unknown[1]
    missing = re.search(r"missing required field `([^`]+)`", text)
    if missing:
        return f"The key {missing[1]!r} is missing.", path, ""
    return f"{text}.", path, ""


def from_builtins(value: Any) -> ServicePack:
    """The pack kept as plain dicts and lists. Raises msgspec.ValidationError."""
    return msgspec.convert(value, ServicePack)


def to_builtins(pack: ServicePack) -> dict[str, Any]:
    """The pack as plain dicts and lists, defaults left out."""
    plain = msgspec.json.decode(msgspec.json.encode(pack))
    assert isinstance(plain, dict)
    return plain


def write_pack(pack: ServicePack) -> str:
    """The pack as YAML. `read_pack(write_pack(pack)) == pack`."""
    return strict_yaml.dump(to_builtins(pack))


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*/service.yaml"))


def read_folder(folder: Path) -> list[ServicePack]:
    """Every pack in `folder/<code>/service.yaml`, by code. Raises BadPack with the faults of all of them."""
    packs: list[ServicePack] = []
    faults: list[Fault] = []
    for path in _files(folder):
        name = f"{path.parent.name}/{path.name}"
        try:
            extra = {
                key: beside.read_text(encoding="utf-8").strip()
                for key in _TEXT_FILES
                if (beside := path.with_name(f"{key}.md")).exists()
            }
            pack = read_pack(path.read_text(encoding="utf-8"), file=name, extra=extra)
        except UnicodeDecodeError:
            faults.append(Fault(file=name, line=1, path="$", message="The file is not UTF-8 text."))
        except BadPack as error:
            faults += error.faults
        else:
            if pack.code != path.parent.name:
                faults.append(Fault(file=name, line=1, path="$.code", message="The code must be the folder's name."))
            packs.append(pack)
    if not packs and not faults:
        faults.append(
            Fault(file=str(folder.name), line=1, path="$", message="There are no service packs in this folder.")
        )
    if faults:
        raise BadPack(faults)
    return packs
