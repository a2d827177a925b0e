from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workforce", "0001_initial")]

    operations = [
        migrations.AddIndex(model_name="taken", index=models.Index(fields=["source", "item_id"], name="taken_item")),
    ]
