import django.db.models.deletion
from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_extensions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Load",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField()),
                ("source", models.TextField()),
                ("file", models.TextField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "source", "-began_at"], name="load_of_source")],
            },
        ),
        migrations.CreateModel(
            name="LoadedRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("source", models.TextField()),
                ("external_id", models.TextField()),
                ("part", models.SmallIntegerField()),
                ("table", models.TextField()),
                ("row", models.TextField()),
                (
                    "load",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="core.load"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["table", "row"], name="loaded_row")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "source", "external_id", "part"), name="loaded_once")
                ],
            },
        ),
    ]
