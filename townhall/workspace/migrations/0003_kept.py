import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("workspace", "0002_form_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Kept",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("page", models.TextField()),
                ("fields", models.JSONField()),
                ("kept_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "workspace_kept",
                "indexes": [models.Index(fields=["kept_at"], name="kept_by_age")],
                "constraints": [models.UniqueConstraint(fields=("user", "page"), name="kept_once_a_page")],
            },
        ),
    ]
