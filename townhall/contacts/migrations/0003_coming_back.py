import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while others go on writing

    dependencies = [("contacts", "0002_call_backs")]

    operations = [
        migrations.AddField(model_name="contact", name="not_resolved_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="contact",
            name="repeats",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contacts.contact",
            ),
        ),
        migrations.CreateModel(
            name="RepeatWindow",
            fields=[
                ("service_code", models.TextField(primary_key=True, serialize=False)),
                ("days", models.PositiveSmallIntegerField()),
                ("set_by_id", models.UUIDField(null=True)),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__gte", 1), ("days__lte", 90)), name="repeat_window_days"
                    )
                ],
            },
        ),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("adviser_id__isnull", False), ("ended_at__isnull", False)),
                fields=["ended_at"],
                include=["service_code", "outcome", "not_resolved_at", "repeats"],
                name="contact_ended",
            ),
        ),
    ]
