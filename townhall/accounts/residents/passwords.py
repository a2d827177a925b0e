"""Passwords of residents: at least eight characters and not a common one; any characters, pasted if they like (ASVS 5.0, 6.2)."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from townhall.core.errors import BadInput

SHORTEST = 8
LONGEST = 1_000  # so that nobody has us hash a novel


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def check(password: str, *, email: str, name: str = "") -> None:
    """Raises BadInput under `password`."""
    if not password:
        raise BadInput({"password": _("Enter a password")})
    if len(password) < SHORTEST:
        raise BadInput({"password": _("Your password must be at least %(n)d characters") % {"n": SHORTEST}})
    if len(password) > LONGEST:
        raise BadInput({"password": _("Your password must be %(n)d characters or fewer") % {"n": LONGEST}})
    if _is_easy(password, email=email, name=name):
        raise BadInput({"password": _("Choose a password that is harder to guess. Three random words are a good one")})


def _is_easy(password: str, *, email: str, name: str) -> bool:
    plain = "".join(password.lower().split())
    own = {email.lower(), email.lower().partition("@")[0], "".join(name.lower().split())}
    ours = {
        "".join(settings.COUNCIL_NAME.lower().split()),
        settings.COUNCIL_NAME.lower().split()[0],
        "townhall",
        "council",
    }
    words = {word for word in own | ours if word}
    if plain.strip("0123456789!?.") in words or len(set(plain)) < 3:
        return True
    try:
        _common().validate(password)
    except ValidationError:
        return True
    return False


def hashed(password: str) -> str:
    return make_password(password)


@cache
def _nobodys() -> str:
    return make_password("nobody's password")


def is_right(password: str, kept: str | None) -> bool:
    """Whether this is the password that was kept. Takes as long when nothing was."""
    right = check_password(password[: LONGEST + 1], kept or _nobodys())
    return right and bool(kept)
