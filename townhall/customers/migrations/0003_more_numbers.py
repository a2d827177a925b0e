from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_accounts")]

    operations = [
        migrations.AlterField(
            model_name="customernumber",
            name="kind",
            field=models.TextField(
                choices=[
                    ("account", "Account number"),
                    ("notice", "Notice number"),
                    ("council_tax", "Council tax account"),
                    ("rent", "Rent account"),
                    ("leasehold", "Leasehold account"),
                    ("library", "Library card"),
                    ("permit", "Permit number"),
                ]
            ),
        ),
    ]
