from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # customers are made and changed meanwhile

    dependencies = [("customers", "0006_merging")]

    operations = [
        AddIndexConcurrently(
            model_name="matchdue", index=models.Index(fields=["customer_id"], name="match_due_customer")
        ),
    ]
