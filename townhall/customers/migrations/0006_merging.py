import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import townhall.core.ids

# Who comes or changes what they are compared by is put on a list that nobody waits for, also by a loader's COPY.
COMPARE_AGAIN = """
CREATE FUNCTION customers_compare_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME <> 'customers_customer' THEN
        INSERT INTO customers_matchdue (customer_id) SELECT DISTINCT customer_id FROM now_there;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO customers_matchdue (customer_id) SELECT id FROM now_there;
    ELSE
        INSERT INTO customers_matchdue (customer_id)
        SELECT n.id FROM now_there n JOIN was_there w ON w.id = n.id
        WHERE (n.name, n.kind, n.date_of_birth, n.merged_into_id)
            IS DISTINCT FROM (w.name, w.kind, w.date_of_birth, w.merged_into_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER compare_new AFTER INSERT ON customers_customer
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION customers_compare_again();
CREATE TRIGGER compare_changed AFTER UPDATE ON customers_customer
    REFERENCING NEW TABLE AS now_there OLD TABLE AS was_there FOR EACH STATEMENT EXECUTE FUNCTION customers_compare_again();
CREATE TRIGGER compare_new AFTER INSERT ON customers_contactpoint
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION customers_compare_again();
CREATE TRIGGER compare_changed AFTER UPDATE ON customers_contactpoint
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION customers_compare_again();
CREATE TRIGGER compare_new AFTER INSERT ON customers_customeraddress
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION customers_compare_again();
CREATE TRIGGER compare_changed AFTER UPDATE ON customers_customeraddress
    REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION customers_compare_again();
INSERT INTO customers_matchdue (customer_id) SELECT id FROM customers_customer WHERE merged_into_id IS NULL;
"""
NOT_AGAIN = """
DROP TRIGGER compare_new ON customers_customer;
DROP TRIGGER compare_changed ON customers_customer;
DROP TRIGGER compare_new ON customers_contactpoint;
DROP TRIGGER compare_changed ON customers_contactpoint;
DROP TRIGGER compare_new ON customers_customeraddress;
DROP TRIGGER compare_changed ON customers_customeraddress;
DROP FUNCTION customers_compare_again();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_sharing"),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchDue",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("customer_id", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="MatchKeys",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("keys", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="match_keys")],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_kind", models.TextField()),
                ("by_id", models.TextField(blank=True, default="")),
                ("undone_at", models.DateTimeField(null=True)),
                ("follow_at", models.DateTimeField(null=True)),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "merged",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MergeChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.TextField(choices=[("moved", "Moved"), ("changed", "Changed")])),
                ("table", models.TextField()),
                ("row", models.TextField()),
                ("column", models.TextField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("undone", models.BooleanField(default=False)),
                (
                    "merge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="customers.merge"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("merged", "Merged"),
                            ("rejected", "Two customers"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                    ),
                ),
                ("bits", models.FloatField()),
                ("evidence", models.JSONField()),
                ("said", models.TextField()),
                ("weights", models.PositiveIntegerField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.TextField(blank=True, default="")),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "merge",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.merge"
                    ),
                ),
                (
                    "one",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Weights",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=townhall.core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField(choices=[("person", "Person"), ("organisation", "Organisation")])),
                ("version", models.PositiveIntegerField()),
                ("model", models.JSONField()),
                ("records", models.PositiveIntegerField()),
                ("learnt_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "version"), name="weights_version_once")],
            },
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["merged", "-at"], name="merge_of_merged"),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(
                condition=models.Q(("follow_at__isnull", False)), fields=["follow_at"], name="merge_to_follow"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("merged",), name="merged_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("merged")), _negated=True), name="merge_two_customers"
            ),
        ),
        migrations.AddIndex(
            model_name="mergechange",
            index=models.Index(
                condition=models.Q(("undone", False)), fields=["table", "row"], name="merge_change_of_row"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=models.Q(("state", "proposed")), fields=["-bits", "-id"], name="merge_proposals_open"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=models.Q(("state", "proposed"), _negated=True),
                fields=["state", "bits"],
                name="merge_proposals_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="merge_proposal_once"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("one__lt", models.F("other"))), name="merge_proposal_in_order"
            ),
        ),
        migrations.RunSQL(COMPARE_AGAIN, NOT_AGAIN),
    ]
