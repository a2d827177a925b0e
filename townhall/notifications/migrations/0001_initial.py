import django.db.models.deletion
from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(default=townhall.core.ids.uuid7, primary_key=True, serialize=False)),
                ("key", models.TextField(unique=True)),
                ("template", models.TextField()),
                (
                    "channel",
                    models.TextField(
                        choices=[
                            ("email", "Email"),
                            ("text", "Text message"),
                            ("letter", "Letter"),
                            ("inbox", "Account inbox"),
                            ("screen", "On screen"),
                        ]
                    ),
                ),
                ("recipient_name", models.TextField(blank=True)),
                ("recipient_address", models.TextField(blank=True)),
                ("customer_id", models.UUIDField(null=True)),
                ("subject_kind", models.TextField()),
                ("subject_id", models.UUIDField()),
                ("case_id", models.UUIDField(null=True)),
                ("subject_line", models.TextField(blank=True)),
                ("body_text", models.TextField()),
                ("unsubscribe_url", models.TextField(blank=True)),
                ("fallback", models.JSONField(null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("pending", "Waiting to be sent"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("failed", "Could not be delivered"),
                            ("withdrawn", "Withdrawn before it was sent"),
                            ("recorded", "Shown on screen"),
                        ]
                    ),
                ),
                ("attempts", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("message_id", models.TextField(blank=True)),
                ("provider_id", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("next_attempt_at"),
                        condition=models.Q(("state__in", ["pending", "sending"])),
                        name="message_due",
                    ),
                    models.Index(
                        models.F("case_id"),
                        models.F("created_at"),
                        condition=models.Q(("case_id__isnull", False)),
                        name="message_case",
                    ),
                    models.Index(
                        models.F("customer_id"),
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("customer_id__isnull", False)),
                        name="message_inbox",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("next_attempt_at__isnull", False),
                            models.Q(("state__in", ["pending", "sending"]), _negated=True),
                            _connector="OR",
                        ),
                        name="message_due_while_unfinished",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider_id", models.TextField()),
                ("status", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="notifications.message"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("provider_id", "status"), name="receipt_once")],
            },
        ),
    ]
