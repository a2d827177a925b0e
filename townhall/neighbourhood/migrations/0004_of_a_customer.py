from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False  # indexes are made while others go on writing

    dependencies = [("neighbourhood", "0003_local_indexes")]

    operations = [
        AddIndexConcurrently(
            model_name="subscription",
            index=models.Index(
                fields=["customer_id"], condition=Q(customer_id__isnull=False), name="subscription_customer"
            ),
        ),
        AddIndexConcurrently(
            model_name="proposalfollower",
            index=models.Index(
                fields=["customer_id"], condition=Q(customer_id__isnull=False), name="proposal_customer"
            ),
        ),
    ]
