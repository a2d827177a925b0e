from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_type", models.TextField()),
                ("outcome", models.TextField(blank=True, default="")),
                ("on", models.DateField()),
                ("after", models.UUIDField(null=True)),
                ("is_done", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record_type", "outcome"), name="retention_place_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record_type", models.TextField()),
                ("record_id", models.UUIDField()),
                ("why", models.TextField()),
                ("at", models.DateTimeField()),
                ("tried_again_at", models.DateTimeField(null=True)),
                ("tried_again_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("tried_again_at", None)),
                        fields=("record_type", "record_id"),
                        name="set_aside_once",
                    )
                ],
            },
        ),
    ]
