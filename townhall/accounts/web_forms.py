"""What the pages of accounts ask. Forms clean what was typed and change nothing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from townhall.accounts import queries


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your email address"),
            "invalid": _("Enter an email address in the correct format, like name@example.com"),
        },
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password")},
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Sign-in code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter the code"),
            "max_length": _("Enter a code of six figures, or a recovery code"),
        },
    )


def _new_password() -> forms.CharField:
    return forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. Three random words make a good password"),
        strip=False,
        max_length=4_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter a new password")},
    )


class NewPasswordForm(forms.Form):
    password = _new_password()


class ChangePasswordForm(forms.Form):
    present = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=4_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your present password")},
    )
    password = _new_password()


class PersonForm(forms.Form):
    name = forms.CharField(
        label=_("Full name"), max_length=200, error_messages={"required": _("Enter their full name")}
    )
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        error_messages={
            "required": _("Enter their email address"),
            "invalid": _("Enter an email address in the correct format, like name@example.com"),
        },
    )


class PostForm(forms.Form):
    post = forms.ChoiceField(
        label=_("Post"),
        error_messages={"required": _("Choose a post"), "invalid_choice": _("Choose a post from the list")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["post"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a post")), *((str(post_id), label) for post_id, label in queries.open_posts())]
