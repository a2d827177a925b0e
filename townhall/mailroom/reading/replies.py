"""The new part of a reply: what stands before, or between, what it quotes. A signature stays; nothing is ever cut from the mail itself."""

from __future__ import annotations

import re

from townhall.mailroom.reading.words import RULE

LONGEST_INTRODUCTION = 4  # lines that "On … wrote:" may be broken over
_WROTE = re.compile(
    r"(wrote|writes|schrieb|schreef|a écrit|ha scritto|escribió|escreveu|skrev|napisał\(?a?\)?|написал\(?а?\)?|пишет|kirjoitti|написа)"
    r"[^\n:]{0,60}:\s*$",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(r"@[^\s@]+>?:$")  # a date, a name and an address, with no word for "wrote"
_BEGINS = re.compile(
    r"^[\s>*_-]*(on|am|le|il|el|op|em|den|dnia|w dniu|в|pe|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\w{3,9},?\s+\d|[\"'<\w].*@)\b",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[\s>*_]*(from|sent|to|cc|date|subject|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|objet|da|inviato|a|oggetto|enviado|para|asunto"
    r"|от|кому|дата|отправлено|тема|van|verzonden|aan|onderwerp)\s?:[\s*_]*(?=\S|$)",
    re.IGNORECASE,
)
_FROM = re.compile(r"^[\s>*_]*(from|von|de|da|от|van)\s?:", re.IGNORECASE)
_BANNER = re.compile(
    r"^[\s>*]*[-_=]{2,}\s*(original message|original appointment|forwarded message|forwarded by|reply message|reply above this line"
    r"|ursprüngliche nachricht|message d'origine|messaggio originale|mensaje original|исходное сообщение|пересылаемое сообщение"
    r"|please reply above this line|write reply above|antwoord|oorspronkelijk bericht)\b.*",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*(>|\|>)")
_ACROSS = re.compile(r"^\s*[_-]{8,}\s*$")


def reply_text(text: str) -> str:
    """The words that are new in this mail. All of it when nothing is quoted, or when nothing new would be left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = _first_quotation(lines)
    kept = _between(lines[:end])
    if not any(line.strip() for line in kept):  # the answer stands below what it quotes
        kept = _between(lines)
    new = "\n".join(line.rstrip() for line in kept)
    new = re.sub(r"\n{3,}", "\n\n", new).strip("\n")
    return new if new.strip() else text.strip("\n")


def _first_quotation(lines: list[str]) -> int:
    """Where the mail that is answered begins, with the line that introduces it; after it there is nothing new."""
    for place, line in enumerate(lines):
        if _BANNER.match(line) or _is_headed(lines, place):
            return _without_rule(lines, place)
        if (end := _introduced(lines, place)) and _all_quoted_after(lines, end):
            return place
        if _QUOTED.match(line) and _all_quoted_after(lines, place):
            return place
    return len(lines)


def _is_headed(lines: list[str], place: int) -> bool:
    """The head of a mail set out in lines, "From: …" and at least two more of its fields: as Outlook introduces what it quotes."""
    if not _FROM.match(lines[place]) and not (_FIELD.match(lines[place]) and _ACROSS.match(lines[max(0, place - 1)])):
        return False
    following = [line for line in lines[place : place + 9] if line.strip()][:6]
    return sum(bool(_FIELD.match(line)) for line in following) >= 3


def _without_rule(lines: list[str], place: int) -> int:
    """The line across the page before it belongs to it."""
    before = place - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    return before if before >= 0 and (_ACROSS.match(lines[before]) or lines[before].strip() == RULE) else place


def _introduced(lines: list[str], place: int) -> int:
    """The line after "On Monday, Sam wrote:", which may be broken over a few; 0 when none begins here."""
    if not _BEGINS.match(lines[place]):
        return 0
    said = ""
    for end in range(place, min(place + LONGEST_INTRODUCTION, len(lines))):
        if end > place and not lines[end].strip():
            return 0
        said = f"{said} {lines[end].lstrip('> ')}".strip(" -")
        if _WROTE.search(said) or (_SOMEBODY.search(said) and _is_quoted_next(lines, end + 1)):
            return end + 1
    return 0


def _all_quoted_after(lines: list[str], place: int) -> bool:
    """Nothing new comes below: either every line is quoted, or none is, as where a program quotes without a mark."""
    rest = [line for line in lines[place:] if line.strip()]
    marked = sum(bool(_QUOTED.match(line)) for line in rest)
    if marked == 0:
        return True
    last = max(number for number, line in enumerate(rest) if _QUOTED.match(line))
    return last == len(rest) - 1 or _is_signature(rest[last + 1 :])


def _is_signature(lines: list[str]) -> bool:
    return bool(lines) and (lines[0].strip() in ("--", "-- ") or _ACROSS.match(lines[0]) is not None)


def _between(lines: list[str]) -> list[str]:
    """What is not quoted, nor introduces what is."""
    kept, place = [], 0
    while place < len(lines):
        end = _introduced(lines, place)
        if end and _is_quoted_next(lines, end):
            place = end
            continue
        if not _QUOTED.match(lines[place]):
            kept.append(lines[place])
        place += 1
    return kept


def _is_quoted_next(lines: list[str], place: int) -> bool:
    following = next((line for line in lines[place:] if line.strip()), "")
    return bool(_QUOTED.match(following))
