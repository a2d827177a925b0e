from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # made beside the work that goes on
    dependencies = [("cases", "0002_indexes")]

    operations = [
        AddIndexConcurrently(
            model_name="contractorjob",
            index=models.Index(
                fields=["from_team"],
                condition=models.Q(state__in=["sent", "accepted", "in_progress"]),
                name="job_sent_out",
            ),
        ),
    ]
