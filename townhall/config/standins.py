"""The stand-ins of higher apps, beside those of the connectors: `townhall standins` runs them all in one process."""

from __future__ import annotations

import os

from townhall.config.database import data_dir


def start_beside() -> None:
    """Start the pretend payment provider, in threads that end with the process. PORT says where Townhall is, on this machine."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "townhall.config.settings")
    import django
    from django.conf import settings

    django.setup()
    from townhall.admissions.standin import RegionalSystem
    from townhall.connectors import signing
    from townhall.payments.standin import PretendProvider
    from townhall.telephony.standin.platform import PhonePlatform

    RegionalSystem(
        user=settings.ADMISSIONS_SFTP_USER or "townhall",
        password=settings.ADMISSIONS_SFTP_PASSWORD or "demo",
        port=settings.ADMISSIONS_SFTP_PORT,
        folder=data_dir() / "pretend-admissions",
    ).start()

    PhonePlatform(
        secret=signing.secret_of("phones"),
        tell_url=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/connectors/phones/events",
        port=settings.PHONE_STANDIN_PORT,
    ).start()
    PretendProvider(
        api_key=settings.PAY_API_KEY,
        webhook_secret=settings.PAY_WEBHOOK_SECRET,
        tell_url=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/payments/messages/{{code}}",
        port=settings.PAY_STANDIN_PORT,
        path=data_dir() / "pretend-payments",
    ).start()
