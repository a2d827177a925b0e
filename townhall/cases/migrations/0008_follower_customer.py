from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False  # indexes are made while others go on writing

    dependencies = [("cases", "0007_calls")]

    operations = [
        AddIndexConcurrently(
            model_name="follower",
            index=models.Index(
                fields=["customer_id"], condition=Q(customer_id__isnull=False), name="follower_customer"
            ),
        ),
    ]
