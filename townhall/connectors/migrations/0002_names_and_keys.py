from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # made beside the work that goes on
    dependencies = [("connectors", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["target", "subject_id", "id"],
                name="delivery_named",
            ),
        ),
        # Django's second index of a unique text is for LIKE, which nobody asks of a key; every delivery was written into it.
        migrations.RunSQL(
            "DROP INDEX IF EXISTS connectors_delivery_key_086d3bec_like",
            "CREATE INDEX connectors_delivery_key_086d3bec_like ON connectors_delivery (key text_pattern_ops)",
        ),
    ]
