from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LastKnown",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("customer_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("number", models.TextField()),
                ("data", models.JSONField()),
                ("seen_at", models.DateTimeField()),
                ("forget_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["forget_at"], name="last_known_old")],
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "kind", "number"), name="last_known_once")
                ],
            },
        ),
    ]
