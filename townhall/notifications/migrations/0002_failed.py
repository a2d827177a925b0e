from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # made beside the work that goes on
    dependencies = [("notifications", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index("id", condition=models.Q(state="failed"), name="message_failed"),
        ),
    ]
