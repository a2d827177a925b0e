from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("workspace", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormBefore",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.TextField()),
                ("version", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField()),
                ("definition", models.JSONField()),
                ("kept_at", models.DateTimeField()),
            ],
            options={
                "db_table": "workspace_formbefore",
                "constraints": [
                    models.UniqueConstraint(fields=("code", "version", "revision"), name="one_form_before_each_change")
                ],
            },
        ),
    ]
