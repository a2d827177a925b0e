"""Header fields as people read them. Broken ones are read as far as they go; nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses

FALLBACKS = ("utf-8", "cp1252")  # what unmarked bytes most often are
WIDER = {"iso-2022-jp": "iso2022_jp_ext", "euc-kr": "cp949"}  # which hold what is written under the narrower name
FEW = 40  # one character in so many may be spoilt: with more, it is another charset than it says
OTHER_NAMES = {
    "ks_c_5601-1987": "cp949",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "iso-8859-1": "cp1252",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LOOSE = re.compile(r"[^\s<>\"',;:()]+@[^\s<>\"',;:()]+")
_GROUP = re.compile(r"^\s*[^\"<>@,;:]*:\s*;?|;\s*$")


def decoded(raw: bytes, charset: str | None) -> str:
    """Bytes as text: by the charset that is named, even if a few are spoilt, else by what they look like. Never raises."""
    named = (charset or "").strip("'\" ").casefold()
    named = OTHER_NAMES.get(named, named)
    for one in filter(None, (named, WIDER.get(named))):
        with suppress(LookupError, ValueError):
            return raw.decode(one)
    with suppress(LookupError, ValueError):
        text = raw.decode(named or "utf-8", "replace")
        if text.count("\ufffd") <= len(text) // FEW:
            return text
    for one in FALLBACKS:
        with suppress(ValueError):
            return raw.decode(one)
    return raw.decode("latin-1")


def text_of(value: object) -> str:
    """A header's value on one line, with encoded words read."""
    line = re.sub(r"\r?\n[ \t]*", " ", _as_text(value))
    try:
        parts = decode_header(line)
    except Exception:  # noqa: BLE001 - the parser raises many things on broken base64
        parts = [(line, None)]
    words = [decoded(part, charset) if isinstance(part, bytes) else part for part, charset in parts]
    return " ".join(_CONTROL.sub(" ", "".join(words)).split())


def _as_text(value: object) -> str:
    """Bytes that are no ASCII were kept as surrogates by the parser."""
    return decoded(str(value or "").encode("utf-8", "surrogateescape"), None)


def raw(message: Message, name: str) -> list[str]:
    """Every value of this name, as it stands in the mail."""
    return [str(value) for key, value in message.raw_items() if key.casefold() == name.casefold()]


def header(message: Message, name: str) -> str:
    """The first of this name, in words; "" when there is none."""
    return text_of(next(iter(raw(message, name)), ""))


def address(message: Message, name: str) -> tuple[str, str]:
    """(display name, address) of the first; ("", "") when there is none."""
    found = addresses(message, name)
    return found[0] if found else ("", "")


def addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """Each (display name, address), once, groups opened."""
    return list(dict.fromkeys(_each(raw(message, name))))


def _each(values: Iterable[object]) -> Iterable[tuple[str, str]]:
    for value in values:
        line = _GROUP.sub("", re.sub(r"\r?\n[ \t]*", " ", _as_text(value)))
        try:
            found = getaddresses([line])
        except Exception:  # noqa: BLE001 - as above
            found = [("", one) for one in _LOOSE.findall(line)]
        for shown, given in found:
            *before, where = given.strip(" <>'\"").split(" ")
            if "@" in where:
                yield _unquoted(text_of(" ".join([shown, *before]))), where
            elif loose := _LOOSE.search(line):
                yield "", loose[0]


def _unquoted(name: str) -> str:
    name = name.strip('" ')
    return name[1:-1].strip() if len(name) > 1 and name[0] == name[-1] == "'" else name


def parameter(part: Message, name: str, of: str) -> str:
    """A parameter of a header field, such as the filename of a Content-Disposition, in whichever way it was encoded."""
    line = " ".join(_as_text(next(iter(raw(part, of)), "")).split())
    alone = Message()
    alone[of] = line
    try:
        value = alone.get_param(name, header=of)
    except Exception:  # noqa: BLE001 - as above
        value = None
    if value is None:
        found = re.search(rf"\b{name}\*?=\s*\"?([^\";]+)", line, re.IGNORECASE)
        return text_of(found[1]) if found else ""
    if isinstance(value, tuple):
        charset, _language, encoded = value
        try:
            return text_of(decoded(encoded.encode("latin-1"), charset))
        except UnicodeEncodeError:
            return text_of(encoded)
    return text_of(collapse_rfc2231_value(value))
