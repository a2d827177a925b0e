import django.db.models.constraints
from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("user_id", models.UUIDField()),
                ("doing", models.TextField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "db_table": "workspace_presence",
                "constraints": [
                    django.db.models.constraints.UniqueConstraint(fields=("case_id", "user_id"), name="present_once")
                ],
            },
        ),
        migrations.RunSQL("ALTER TABLE workspace_presence SET UNLOGGED", "ALTER TABLE workspace_presence SET LOGGED"),
    ]
