"""The words of two reports compared, whatever the spelling."""

import re
import unicodedata
from functools import lru_cache
from math import sqrt

# Words that say nothing about which problem it is.
_EMPTY = (
    "a about after again all also am an and any are as at be because been but by can could did do does "
    "for from get had has have he her here him his how i if in into is it its just me my no not now of "
    "off on one or our out over please report reported she should so some still than thank thanks that "
    "the their them then there these they this to too up us very was we were what when where which who "
    "why will with would you your"
)
EMPTY_WORDS = frozenset(_EMPTY.split())
_WORD = re.compile(r"[a-z]+|\d+")
_ENDINGS = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "e")


def plain(text: str) -> str:
    """Lower case without accents: "Café" and "CAFE" are the same word."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def stem(word: str) -> str:
    """The word without its commonest English endings, at least three letters long: "lights", "lighting" → "light"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


@lru_cache(maxsize=50_000)
def telling_words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning."""
    return frozenset(stem(word) for word in _WORD.findall(plain(text)) if word not in EMPTY_WORDS and len(word) > 1)


def one_slip_apart(a: str, b: str) -> bool:
    """True when one letter was dropped, added, changed or swapped with its neighbour."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return a == b
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
        return swapped or a[start + 1 :] == b[start + 1 :]
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[start + 1 :] == shorter[start:]


def alike(a: str, b: str) -> bool:
    """The same word, allowing one slip in words long enough that a slip makes no other word."""
    return a == b or (min(len(a), len(b)) >= 5 and not a.isdigit() and one_slip_apart(a, b))


def shared(a: frozenset[str], b: frozenset[str]) -> int:
    """How many words of `a` are also in `b`, each word of `b` used once, slips forgiven."""
    same = a & b
    left = set(b - same)
    slips = 0
    for word in sorted(a - same):
        match = next((other for other in sorted(left) if alike(word, other)), None)
        if match is not None:
            left.discard(match)
            slips += 1
    return len(same) + slips


def likeness_of_words(a: frozenset[str], b: frozenset[str]) -> float:
    """0 (nothing shared, or nothing said) to 1 (the same words)."""
    return shared(a, b) / sqrt(len(a) * len(b)) if a and b else 0.0
