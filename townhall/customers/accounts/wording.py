"""What mails about an account say."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _


def purpose(code: str) -> str:
    """What a mailed code is for; follows "Use this code to"."""
    return {
        "register": _("open your account"),
        "recover": _("choose a new password"),
        "change_email": _("confirm this email address"),
        "provider_email": _("confirm this email address"),
        "desk": _("take over the account that we opened for you"),
    }[code]


def news(what: str) -> tuple[str, str]:
    """Subject and sentence."""
    return {
        "already": (
            _("You already have an account"),
            _(
                "Somebody, perhaps you, asked for an account with this email address. You have one already. "
                "If you forgot your password, you can choose a new one on the sign-in page."
            ),
        ),
        "password": (_("Your password was changed"), _("The password of your account was changed.")),
        "email_changed": (_("Your email address was changed"), _("The email address of your account was changed.")),
        "second_factor_on": (
            _("Sign-in codes are switched on"),
            _("From now on your account also asks for a code from an app when you sign in."),
        ),
        "second_factor_off": (
            _("Sign-in codes are switched off"),
            _("Your account no longer asks for a code from an app when you sign in."),
        ),
        "recovery_codes": (_("New recovery codes were made"), _("Your earlier recovery codes do not work any more.")),
        "recovery_code_used": (
            _("A recovery code was used"),
            _("One of your recovery codes was used to sign in to your account."),
        ),
        "passkey_added": (_("A passkey was added"), _("A passkey was added to your account.")),
        "passkey_removed": (_("A passkey was removed"), _("A passkey was removed from your account.")),
        "identity_added": (
            _("Another way to sign in was added"),
            _("An account at an identity provider can now be used to sign in to your account here."),
        ),
        "identity_removed": (_("A way to sign in was removed"), _("A way to sign in to your account was removed.")),
        "closed": (_("Your account is closed"), _("Your account was closed. Thank you for using it.")),
    }[what]


def sign_in_link() -> str:
    return f"{settings.PUBLIC_URL}/account/sign-in"
