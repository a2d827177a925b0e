"""Regular expressions that a form may ask an answer to match: only those that cannot keep the computer busy for long.

A pattern tried against what anybody types must take little time for every text. Inside what repeats nothing may repeat or vary
again, and there are few places that vary in length; that keeps a text of `LONGEST` characters in the region of milliseconds.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 200  # characters of an answer that is tried
LONGEST_PATTERN = 300
_MOST_OPEN = 2  # quantifiers without a small upper end
_MOST_VARYING = 12
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")


def problem_in(pattern: str) -> str | None:
    """Why a pattern is not taken, in a sentence, or None."""
    if len(pattern) > LONGEST_PATTERN:
        return f"A pattern may have {LONGEST_PATTERN} characters."
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return "The pattern is not a regular expression."
    plain = _CLASS.sub("x", re.sub(r"\\.", "x", pattern, flags=re.DOTALL))
    if re.search(r"\(\?P?[=<!>P]", plain) or re.search(r"\\\d", pattern) or compiled.groups > 12:
        return "The pattern looks around or back, which is not allowed here."
    return _cost_problem(plain)


def _cost_problem(plain: str) -> str | None:
    """`plain` has classes and escapes as one letter each."""
    varying = open_ended = 0
    groups: list[int] = []  # where each open group began, as the count of quantifiers and alternatives inside so far
    inside = 0  # quantifiers and alternatives seen
    after_group = -1  # how many were in the group that just closed
    position = 0
    while position < len(plain):
        found = _QUANTIFIER.match(plain, position) if plain[position] in "*+?{" else None
        if found and position and plain[position - 1] != "(":
            lazy = found.end() < len(plain) and plain[found.end()] in "?+"
            small = _is_small(found)
            varying += not _is_fixed(found)
            open_ended += not small
            if after_group > 0 and found.group() != "?":
                return "In the pattern something repeats that varies itself."
            inside += not _is_fixed(found)
            position = found.end() + lazy
            after_group = -1
            continue
        character = plain[position]
        after_group = -1
        if character == "(":
            groups.append(inside)
        elif character == ")" and groups:
            after_group = inside - groups.pop()
        elif character == "|":
            inside += 1
        position += 1
    if open_ended > _MOST_OPEN or varying > _MOST_VARYING:
        return "The pattern varies in too many places."
    return None


def _is_fixed(found: re.Match[str]) -> bool:
    return found.group().startswith("{") and not found[2]


def _is_small(found: re.Match[str]) -> bool:
    text = found.group()
    if text in "*+":
        return False
    end = found[3] or (found[1] if not found[2] else "")
    return text == "?" or (end.isdecimal() and int(end) <= 12)


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    return None if problem_in(pattern) else re.compile(pattern)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches. A pattern that is not taken fits everything; `problems` has said so before publishing."""
    compiled = _compiled(pattern)
    return compiled is None or (len(text) <= LONGEST and compiled.fullmatch(text) is not None)
