from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_merging")]

    operations = [
        migrations.AddIndex(
            model_name="matchdue", index=models.Index(fields=["customer_id"], name="match_due_customer")
        ),
    ]
