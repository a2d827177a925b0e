"""The words of a PDF, for a search: enough of the format (ISO 32000) to read what office programs and scanners with recognition write.

No layout is kept. A scan without a text layer has no words. What cannot be read gives none, and never an error.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST_TEXT = 200_000  # characters kept
MOST_OPENED = 60_000_000  # bytes unpacked of one file
_OBJECT = re.compile(rb"(?<!\d)(\d{1,10})[ \r\n\t]+\d{1,5}[ \r\n\t]+obj\b(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n")
_REF = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+R\b")
_TOKEN = re.compile(
    rb"\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)|<<|>>|<[0-9A-Fa-f\s]*>|/[^\s/<>()\[\]]+|\[|\]|[-+.\d]+|[A-Za-z'\"*][A-Za-z0-9*]*",
    re.DOTALL,
)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_NEW_LINE = {b"T*", b"'", b'"', b"ET"}
_WORD_GAP = -180  # thousandths of the size by which TJ moves on, from which it is a space


@dataclass
class _Font:
    """How a font's codes become letters."""

    width: int = 1  # bytes of a code
    letters: dict[int, str] = field(default_factory=dict)

    def read(self, raw: bytes) -> str:
        if not self.letters and self.width == 1:
            return raw.decode("cp1252", "replace")
        codes = (int.from_bytes(raw[at : at + self.width], "big") for at in range(0, len(raw), self.width))
        return "".join(self.letters.get(code, "") for code in codes)


class _File:
    def __init__(self, content: bytes) -> None:
        self.left = MOST_OPENED
        self.objects: dict[int, bytes] = {int(number): body for number, body in _OBJECT.findall(content)}
        for body in list(self.objects.values()):
            if b"/ObjStm" in body:
                self.objects |= dict(self._inner(body))

    def _inner(self, body: bytes) -> Iterator[tuple[int, bytes]]:
        """What an object stream holds."""
        count, first = _number(body, b"N"), _number(body, b"First")
        plain = self.stream(body)
        heads = [int(one) for one in plain[:first].split()[: 2 * count] if one.isdigit()]
        places = list(zip(heads[::2], heads[1::2], strict=False))
        for index, (number, start) in enumerate(places):
            end = places[index + 1][1] if index + 1 < len(places) else len(plain)
            yield number, plain[first + start : first + end]

    def stream(self, body: bytes) -> bytes:
        """The content of a stream, unpacked; empty for a filter that carries no text."""
        found = _STREAM.search(body)
        if found is None:
            return b""
        head, raw = body[: found.start()], body[found.end() :].rpartition(b"endstream")[0]
        if b"/Filter" not in head:
            return raw
        if b"/FlateDecode" not in head or b"/DCTDecode" in head:
            return b""
        try:
            plain = zlib.decompressobj().decompress(raw, max(self.left, 1))
        except zlib.error:
            return b""
        self.left -= len(plain)
        return plain if self.left > 0 else b""

    def of(self, body: bytes, key: bytes) -> bytes:
        """The value of a key: what it refers to, or what stands there."""
        at = re.search(rb"/" + key + rb"(?![A-Za-z])\s*", body)
        if at is None:
            return b""
        rest = body[at.end() :]
        ref = _REF.match(rest)
        return self.objects.get(int(ref[1]), b"") if ref else _balanced(rest)

    def pages(self) -> Iterator[bytes]:
        for body in self.objects.values():
            if re.search(rb"/Type\s*/Page(?![a-zA-Z])", body):
                yield body

    def fonts(self, page: bytes) -> dict[bytes, _Font]:
        resources, above = self.of(page, b"Resources"), page
        for _level in range(8):
            if resources or not (above := self.of(above, b"Parent")):
                break
            resources = self.of(above, b"Resources")
        names = self.of(resources, b"Font")
        return {
            name: self._font(self.objects.get(int(number), b""))
            for name, number in re.findall(rb"/([^\s/<>\[\]()]+)\s+(\d{1,10})\s+\d{1,5}\s+R", names)
        }

    def _font(self, body: bytes) -> _Font:
        width = 2 if b"/Type0" in body else 1
        made = _Font(width=width)
        if cmap := self.stream(self.of(body, b"ToUnicode")):
            made.letters = _cmap(cmap)
        return made

    def content(self, page: bytes) -> bytes:
        value = self.of(page, b"Contents")
        if _STREAM.search(value):
            return self.stream(value)
        at = re.search(rb"/Contents\s*\[([^\]]*)\]", page)
        listed = at[1] if at else value
        return b"\n".join(self.stream(self.objects.get(int(one), b"")) for one in _REF.findall(listed))


def text_of(content: bytes) -> str:
    """The words of a PDF, pages apart by an empty line; empty when there are none."""
    try:
        file = _File(content)
        pages, held = [], 0
        for page in file.pages():
            words = _words(file.content(page), file.fonts(page))
            pages.append(words)
            held += len(words)
            if held > MOST_TEXT:
                break
    except (ValueError, IndexError, OverflowError, RecursionError):
        return ""
    return "\n\n".join(one for one in pages if one).replace("\x00", "")[:MOST_TEXT]


def _words(content: bytes, fonts: Mapping[bytes, _Font]) -> str:
    """Follow the operators that show text."""
    font, parts, operands = _Font(), [""], list[bytes]()
    for match in _TOKEN.finditer(content):
        token = match[0]
        if not (token[:1].isalpha() or token in _NEW_LINE):
            operands.append(token)
            continue
        match token:
            case b"Tf":
                names = [one[1:] for one in operands if one.startswith(b"/")]
                font = fonts.get(names[-1], _Font()) if names else font
            case b"Tj" | b"'" | b'"' | b"TJ":
                if token in _NEW_LINE:
                    parts.append("\n")
                parts.append(_shown(operands, font))
            case b"Td" | b"TD":
                is_same = len(operands) >= 2 and _float(operands[-1]) == 0
                parts.append(" " if is_same else "\n")
            case b"Tm" | b"T*" | b"ET":
                parts.append("\n")
        operands = []
    lines = ("".join(parts)).split("\n")
    return "\n".join(line for one in lines if (line := " ".join(one.split())))


def _shown(operands: list[bytes], font: _Font) -> str:
    shown = []
    for one in operands:
        if one.startswith(b"("):
            shown.append(font.read(_unescaped(one[1:-1])))
        elif one.startswith(b"<") and one not in (b"<<", b">>"):
            digits = re.sub(rb"\s", b"", one[1:-1])
            shown.append(font.read(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())))
        elif _float(one) < _WORD_GAP:
            shown.append(" ")
    return "".join(shown)


def _unescaped(raw: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        given = match[1]
        if given[:1].isdigit():
            return bytes([int(given, 8) & 0xFF])
        return b"" if given in (b"\n", b"\r\n") else _ESCAPES.get(given, given)

    return _ESCAPED.sub(one, raw)


def _cmap(text: bytes) -> dict[int, str]:
    """Codes to letters, from a ToUnicode map."""
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code, letters in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = _letters(letters)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for low, high, to, listed in re.findall(
            rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])", block
        ):
            first, last = int(low, 16), min(int(high, 16), int(low, 16) + 0xFFFF)
            each = re.findall(rb"<([0-9A-Fa-f]+)>", listed)
            start = int(to, 16) if to else 0
            for index, code in enumerate(range(first, last + 1)):
                if listed:
                    found[code] = _letters(each[index]) if index < len(each) else ""
                elif len(to) <= 4 and start + index <= 0x10FFFF:
                    found[code] = chr(start + index)
                elif index == 0:
                    found[code] = _letters(to)
    return found


def _letters(digits: bytes) -> str:
    return bytes.fromhex(digits.decode().rjust(4, "0")).decode("utf-16-be", "ignore")


def _balanced(rest: bytes) -> bytes:
    """A dictionary or a list as it stands, to its end."""
    opens, closes = (b"<<", b">>") if rest.startswith(b"<<") else (b"[", b"]")
    if not rest.startswith(opens):
        return b""
    depth = 0
    for match in re.finditer(re.escape(opens) + rb"|" + re.escape(closes), rest):
        depth += 1 if match[0] == opens else -1
        if depth == 0:
            return rest[: match.end()]
    return rest


def _number(body: bytes, key: bytes) -> int:
    found = re.search(rb"/" + key + rb"\s+(\d{1,7})", body)
    return int(found[1]) if found else 0


def _float(token: bytes) -> float:
    try:
        return float(token)
    except ValueError:
        return 0.0
