import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import townhall.core.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_finance_role"), ("customers", "0004_words")]

    operations = [
        migrations.CreateModel(
            name="SharingBasis",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("service_code", models.TextField(blank=True, default="")),
                (
                    "besides",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "readers",
                    models.TextField(
                        choices=[
                            ("front", "The contact centre and reception"),
                            ("managers", "Managers"),
                            ("team", "One team"),
                        ]
                    ),
                ),
                (
                    "basis",
                    models.TextField(
                        choices=[
                            ("public_task", "A public task"),
                            ("legal_obligation", "A legal obligation"),
                            ("vital_interests", "Somebody’s vital interests"),
                            ("contract", "A contract with them"),
                            ("legitimate_interests", "Legitimate interests"),
                        ]
                    ),
                ),
                ("why", models.TextField()),
                ("recorded_by_id", models.UUIDField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("ended_by_id", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "db_table": "customers_sharingbasis",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="sharing_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("readers", "team"), ("team__isnull", False)),
                            models.Q(models.Q(("readers", "team"), _negated=True), ("team__isnull", True)),
                            _connector="OR",
                        ),
                        name="sharing_with_one_team",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("service_code", "readers", "team"),
                        name="sharing_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
    ]
