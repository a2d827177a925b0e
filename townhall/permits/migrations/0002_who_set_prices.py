from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("permits", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="price",
            name="set_by",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="price",
            name="set_at",
            field=models.DateTimeField(null=True),
        ),
    ]
