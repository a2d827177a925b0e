from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0002_scanning")]

    operations = [
        migrations.AlterField(
            model_name="storedfile",
            name="purpose",
            field=models.TextField(
                choices=[
                    ("before", "Before"),
                    ("after", "After"),
                    ("attachment", "Attachment"),
                    ("evidence", "Evidence"),
                    ("original", "Original"),
                ]
            ),
        ),
    ]
