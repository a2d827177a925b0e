from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "townhall.accounts"

    def ready(self) -> None:
        from django.core.checks import register

        from townhall.accounts import checks, sessions, throttle
        from townhall.accounts.residents import sessions as resident_sessions
        from townhall.accounts.residents import steps
        from townhall.core import sweeps

        register(checks.every_view_declares_its_access)
        sweeps.register("accounts.tidy_throttle", throttle.tidy, every=timedelta(minutes=15))
        sweeps.register("accounts.tidy_sessions", sessions.tidy, every=timedelta(hours=1))
        sweeps.register("accounts.tidy_residents", resident_sessions.tidy, every=timedelta(hours=1))
        sweeps.register("accounts.tidy_steps", steps.tidy, every=timedelta(minutes=15))
